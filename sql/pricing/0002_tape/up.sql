-- The tape: trades partitioned by day, whether a feed received them or a file brought them; what each feed saw; what was
-- dropped when its days of keeping were over.
--
-- A trade's source is an import or a session of a feed. There is no foreign key on it: it doubled the cost of a row (15 to
-- 28 microseconds, measured), and sources are never removed.

-- Over which times an import's readable rows reach, by pair: which imports, with the rows that were rejected there, a window's
-- evidence has to name.
CREATE TABLE import_span (
  import_id uuid NOT NULL REFERENCES trade_import DEFERRABLE INITIALLY DEFERRED,
  pair text NOT NULL CHECK (pair <> ''),
  first_ns bigint NOT NULL,
  last_ns bigint NOT NULL,
  trades bigint NOT NULL CHECK (trades > 0),
  PRIMARY KEY (pair, import_id),
  CHECK (first_ns <= last_ns)
);
SELECT grant_append_only('import_span');

-- One row a time that a venue's feed was begun.
CREATE TABLE feed_session (
  session_id uuid NOT NULL PRIMARY KEY,
  venue text NOT NULL CHECK (venue <> ''),
  pairs text NOT NULL CHECK (pairs <> ''),
  address text NOT NULL,
  known_at_ns bigint NOT NULL,
  actor text NOT NULL CHECK (actor <> '')
);

-- What a person should know about a session: connections, gaps found, closed and given up, contradictions, what was refused,
-- what it counted. `first` and `last` are numbers of trades, or nanoseconds since 1970 where a venue numbers none.
CREATE TABLE feed_note (
  session_id uuid NOT NULL REFERENCES feed_session,
  seq bigint NOT NULL CHECK (seq > 0),
  at_ns bigint NOT NULL,
  kind text NOT NULL CHECK (kind <> ''),
  pair text NOT NULL,
  first numeric(20) NOT NULL CHECK (first >= 0),
  last numeric(20) NOT NULL CHECK (last >= 0),
  detail text NOT NULL,
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (session_id, seq)
);
CREATE INDEX feed_note_by_time ON feed_note (at_ns);
SELECT grant_append_only('feed_session', 'feed_note');

-- Up to where a market's tape is whole, as its feed has it: where the next session goes on.
CREATE TABLE feed_position (
  venue text NOT NULL,
  pair text NOT NULL,
  session_id uuid NOT NULL REFERENCES feed_session,
  trade_id text NOT NULL CHECK (trade_id <> ''),
  time_ns bigint NOT NULL,
  price numeric NOT NULL,
  size numeric NOT NULL,
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (venue, pair)
);

-- Orders what writers learn of a pair against what readers fix: a writer holds the row FOR SHARE until it commits and dates
-- its rows after it; a reader that must be able to read the same again moves it (app/tape.h).
CREATE TABLE tape_head (
  pair text NOT NULL PRIMARY KEY CHECK (pair <> ''),
  known_at_ns bigint NOT NULL
);

-- How many trades each day holds, and between which ids: where copies of a trade can be.
CREATE TABLE trade_day (
  day date NOT NULL,
  pair text NOT NULL,
  venue text NOT NULL,
  trades bigint NOT NULL CHECK (trades >= 0),
  received bigint NOT NULL CHECK (received BETWEEN 0 AND trades), -- of a feed
  key_low text COLLATE "C",  -- of id_key(); null: none has an id
  key_high text COLLATE "C",
  known_at_ns bigint NOT NULL, -- when the last of them was learned
  PRIMARY KEY (pair, day, venue),
  CHECK ((key_low IS NULL) = (key_high IS NULL))
);
SELECT grant_changeable('feed_position', 'tape_head', 'trade_day');

-- Ids in the order in which venues give them: shorter ones first, then by bytes.
CREATE FUNCTION id_key(id text) RETURNS text LANGUAGE sql IMMUTABLE
  AS $$ SELECT CASE WHEN id <> '' THEN (lpad(length(id)::text, 5, '0') || id) COLLATE "C" END $$;
-- The UTC day of a time.
CREATE FUNCTION day_of(ns bigint) RETURNS date LANGUAGE sql IMMUTABLE
  AS $$ SELECT DATE '1970-01-01' + floor(ns / 86400000000000.0)::integer $$;
GRANT EXECUTE ON FUNCTION id_key(text), day_of(bigint) TO @ROLE@, navkeeper_auditor;

-- What was dropped by policy, with the hash of its rows; written in the transaction that drops it.
CREATE TABLE tape_drop (
  day date NOT NULL,
  pair text NOT NULL CHECK (pair <> ''),
  trades bigint NOT NULL CHECK (trades > 0),
  hash bytea NOT NULL CHECK (octet_length(hash) = 32),
  keep_days integer NOT NULL CHECK (keep_days >= 7),
  rates text NOT NULL, -- the rates that rest on it, as JSON
  known_at_ns bigint NOT NULL,
  actor text NOT NULL CHECK (actor <> ''),
  PRIMARY KEY (pair, day)
);
SELECT grant_append_only('tape_drop');

-- The trades themselves, by UTC day of the exchange's time. Keyed as before: rows with an id that contradict each other all
-- stay, and the rate refuses them, whichever way they came.
ALTER TABLE trade RENAME TO trade_unpartitioned;
ALTER INDEX trade_pkey RENAME TO trade_unpartitioned_pkey;
ALTER INDEX trade_by_id RENAME TO trade_unpartitioned_by_id;
CREATE TABLE trade (
  pair text NOT NULL CHECK (pair <> ''),
  time_ns bigint NOT NULL,
  venue text NOT NULL CHECK (venue <> ''),
  trade_id text NOT NULL,
  price numeric NOT NULL CHECK (price > 0),
  size numeric NOT NULL CHECK (size > 0),
  occurrence integer NOT NULL CHECK (occurrence >= 0),
  received_ns bigint,
  coarse_time boolean NOT NULL,  -- the source gives whole seconds only
  source_id uuid NOT NULL,       -- of trade_import or feed_session
  line bigint NOT NULL,          -- in the file, or the position in the session
  known_at_ns bigint NOT NULL,
  message_hash bytea CHECK (octet_length(message_hash) = 32), -- SHA-256 of the message that a feed received
  PRIMARY KEY (pair, time_ns, venue, trade_id, price, size, occurrence),
  CHECK (trade_id = '' OR occurrence = 0)
) PARTITION BY RANGE (time_ns);
CREATE INDEX trade_by_id ON trade (pair, venue, trade_id) WHERE trade_id <> '';
-- No coin was traded before 2009: one partition for all of it, so that odd dates in a file make no thousands of tables.
CREATE TABLE trade_early PARTITION OF trade FOR VALUES FROM (MINVALUE) TO (1230768000000000000);
SELECT grant_append_only('trade');

-- Makes the partition of a UTC day, when there is none: the one thing about tables that the service may do. False: it was
-- there. Without taking a lock that readers or writers of other days would wait for.
CREATE FUNCTION make_trade_day(day date) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = @SERVICE@, pg_temp AS $$
DECLARE
  name text := 'trade_' || to_char(day, 'YYYYMMDD');
  first_ns bigint := (day - DATE '1970-01-01')::bigint * 86400000000000;
BEGIN
  IF day < DATE '2009-01-01' OR day > DATE '2261-12-31' THEN
    RAISE EXCEPTION 'no partition is made for %', day;
  END IF;
  IF to_regclass(quote_ident(name)) IS NOT NULL THEN
    RETURN false;
  END IF;
  LOCK TABLE ONLY trade IN SHARE UPDATE EXCLUSIVE MODE;
  IF to_regclass(quote_ident(name)) IS NOT NULL THEN
    RETURN false;
  END IF;
  EXECUTE format('CREATE TABLE %I (LIKE trade INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', name);
  EXECUTE format('ALTER TABLE trade ATTACH PARTITION %I FOR VALUES FROM (%s) TO (%s)', name, first_ns, first_ns + 86400000000000);
  RETURN true;
END
$$;

-- Removes the trades of a pair on a day, of which the same transaction has written into tape_drop what they were. Refuses
-- without it, and when the numbers differ, and a day that is younger than a week whoever asks. The day's partition goes
-- with its last pair.
CREATE FUNCTION drop_trade_day(dropped date, dropped_pair text) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = @SERVICE@, pg_temp AS $$
DECLARE
  name text := 'trade_' || to_char(dropped, 'YYYYMMDD');
  first_ns bigint := (dropped - DATE '1970-01-01')::bigint * 86400000000000;
  expected bigint;
  removed bigint;
BEGIN
  IF dropped > (clock_timestamp() AT TIME ZONE 'UTC')::date - 7 THEN
    RAISE EXCEPTION 'the tape of % is younger than a week', dropped;
  END IF;
  SELECT trades INTO expected FROM tape_drop
   WHERE day = dropped AND pair = dropped_pair AND xmin::text = pg_current_xact_id()::xid::text;
  IF expected IS NULL THEN
    RAISE EXCEPTION 'nothing says what is dropped of % on %', dropped_pair, dropped;
  END IF;
  DELETE FROM trade WHERE pair = dropped_pair AND time_ns >= first_ns AND time_ns < first_ns + 86400000000000;
  GET DIAGNOSTICS removed = ROW_COUNT;
  IF removed <> expected THEN
    RAISE EXCEPTION 'of % on % there are % trades, not %', dropped_pair, dropped, removed, expected;
  END IF;
  DELETE FROM trade_day WHERE day = dropped AND pair = dropped_pair;
  IF dropped >= DATE '2009-01-01' AND NOT EXISTS (SELECT FROM trade_day WHERE day = dropped) THEN
    EXECUTE format('DROP TABLE IF EXISTS %I', name);
  END IF;
  RETURN removed;
END
$$;
GRANT EXECUTE ON FUNCTION make_trade_day(date), drop_trade_day(date, text) TO @ROLE@;

-- What was imported before moves in.
SELECT make_trade_day(day) FROM (SELECT DISTINCT day_of(time_ns) AS day FROM trade_unpartitioned
                                  WHERE time_ns >= 1230768000000000000) days;
INSERT INTO trade (pair, time_ns, venue, trade_id, price, size, occurrence, received_ns, coarse_time, source_id, line, known_at_ns)
  SELECT pair, time_ns, venue, trade_id, price, size, occurrence, received_ns, false, import_id, line, known_at_ns
    FROM trade_unpartitioned;
INSERT INTO trade_day (day, pair, venue, trades, received, key_low, key_high, known_at_ns)
  SELECT day_of(time_ns), pair, venue, count(*), 0, min(id_key(trade_id)), max(id_key(trade_id)), max(known_at_ns) FROM trade GROUP BY 1, 2, 3;
INSERT INTO import_span (import_id, pair, first_ns, last_ns, trades)
  SELECT source_id, pair, min(time_ns), max(time_ns), count(*) FROM trade GROUP BY 1, 2;
INSERT INTO tape_head (pair, known_at_ns) SELECT pair, max(known_at_ns) FROM trade GROUP BY pair;
DROP TABLE trade_unpartitioned;

-- Where COPY puts rows before those that are new are taken over: gains what a feed knows.
DROP TABLE trade_incoming;
CREATE UNLOGGED TABLE trade_incoming (
  source_id uuid NOT NULL,
  pair text NOT NULL,
  time_ns bigint NOT NULL,
  venue text NOT NULL,
  trade_id text NOT NULL,
  price numeric NOT NULL,
  size numeric NOT NULL,
  occurrence integer NOT NULL,
  received_ns bigint,
  coarse_time boolean NOT NULL,
  line bigint NOT NULL,
  message_hash bytea
);
SELECT grant_removable('trade_incoming');

-- What a trade's source is called.
CREATE VIEW trade_source AS
  SELECT import_id AS source_id, file_name AS name, known_at_ns FROM trade_import
  UNION ALL
  SELECT session_id, 'feed ' || venue || ' ' || session_id, known_at_ns FROM feed_session;
SELECT grant_readable('trade_source');
