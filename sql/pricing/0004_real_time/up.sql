-- The real-time index: its reviewed definitions, and each second's value with the inputs that it was made from.

-- Files as reviewed; each holds its dated versions. Values name the file's version that made them.
CREATE TABLE real_time_definition (
  index_id text NOT NULL CHECK (index_id <> ''),
  version integer NOT NULL CHECK (version > 0),
  toml text NOT NULL,
  hash bytea NOT NULL CHECK (octet_length(hash) = 32),
  known_at_ns bigint NOT NULL,
  actor text NOT NULL CHECK (actor <> ''),
  PRIMARY KEY (index_id, version)
);
SELECT grant_append_only('real_time_definition');

-- A row an index and second. evidence: what each venue's book held as far as the value depends on it
-- (domain/markets/book_evidence.h), whole where is_key, else as changes since the row before it. uses and the screens have a
-- letter a venue, in the order of the definition's list.
CREATE TABLE real_time_value (
  index_id text NOT NULL CHECK (index_id <> ''),
  at_ns bigint NOT NULL CHECK (at_ns % 1000000000 = 0),
  definition_version integer NOT NULL,
  value text,
  unrounded text,
  failure text NOT NULL DEFAULT '',
  uses text NOT NULL CHECK (uses ~ '^[aloxdu]+$'),
  screen_before text NOT NULL CHECK (screen_before ~ '^[01]+$' AND length(screen_before) = length(uses)),
  screen_after text NOT NULL CHECK (screen_after ~ '^[01]+$' AND length(screen_after) = length(uses)),
  is_key boolean NOT NULL,
  evidence bytea NOT NULL,
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (index_id, at_ns),
  FOREIGN KEY (index_id, definition_version) REFERENCES real_time_definition,
  CHECK ((value IS NULL) = (failure <> '')),
  CHECK ((value IS NULL) = (unrounded IS NULL)),
  CHECK (known_at_ns >= at_ns)
) PARTITION BY RANGE (at_ns);
SELECT grant_append_only('real_time_value');

-- A partition a day (UTC). The service owns nothing: the owner makes the partition and, when the policy says so, drops it.
CREATE FUNCTION real_time_day(day date) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = @SERVICE@, pg_temp AS $$
DECLARE
  name text := 'real_time_value_' || to_char(day, 'YYYYMMDD');
  first_ns bigint := (day - date '1970-01-01')::bigint * 86400000000000;
BEGIN
  IF to_regclass(quote_ident(name)) IS NOT NULL THEN
    RETURN;
  END IF;
  LOCK TABLE ONLY real_time_value IN SHARE UPDATE EXCLUSIVE MODE;
  IF to_regclass(quote_ident(name)) IS NOT NULL THEN
    RETURN;
  END IF;
  -- Attached, so that nobody who reads or writes other days waits.
  EXECUTE format('CREATE TABLE %I (LIKE real_time_value INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', name);
  EXECUTE format('ALTER TABLE real_time_value ATTACH PARTITION %I FOR VALUES FROM (%s) TO (%s)', name, first_ns, first_ns + 86400000000000);
END
$$;
-- Days before `day` are given up; at least the last 30 stay whatever is asked. Answers the days that went.
CREATE FUNCTION real_time_forget(day date) RETURNS SETOF text LANGUAGE plpgsql SECURITY DEFINER SET search_path = @SERVICE@, pg_temp AS $$
DECLARE
  name text;
BEGIN
  IF day > (now() AT TIME ZONE 'UTC')::date - 30 THEN
    RAISE EXCEPTION 'the last 30 days are always kept';
  END IF;
  FOR name IN
    SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
     WHERE i.inhparent = '@SERVICE@.real_time_value'::regclass
       AND c.relname < 'real_time_value_' || to_char(day, 'YYYYMMDD') ORDER BY 1
  LOOP
    EXECUTE format('DROP TABLE @SERVICE@.%I', name);
    RETURN NEXT name;
  END LOOP;
END
$$;
GRANT EXECUTE ON FUNCTION real_time_day(date), real_time_forget(date) TO @ROLE@;
