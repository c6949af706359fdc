-- What has been migrated, and how a migration grants. Run as navkeeper_owner at every `navkeeper db init`.
CREATE TABLE IF NOT EXISTS navkeeper.migration (
  service text NOT NULL,
  number integer NOT NULL CHECK (number > 0),
  name text NOT NULL,
  hash bytea NOT NULL CHECK (octet_length(hash) = 32),
  run_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (service, number)
);
-- The migrator looks by itself and acts as the owner.
GRANT USAGE ON SCHEMA navkeeper TO navkeeper_migrator, navkeeper_auditor;
GRANT SELECT ON navkeeper.migration TO navkeeper_migrator, navkeeper_auditor;

-- The four words with which a migration says what its service may do with a table of the schema being migrated.
CREATE OR REPLACE FUNCTION navkeeper.grant_on(privileges text, tables text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY tables LOOP
    EXECUTE format('GRANT %s ON TABLE %I.%I TO %I', privileges, current_schema(), name, 'navkeeper_' || current_schema());
  END LOOP;
END
$$;
CREATE OR REPLACE FUNCTION navkeeper.grant_readable(VARIADIC tables text[]) RETURNS void LANGUAGE sql
  AS $$ SELECT navkeeper.grant_on('SELECT', tables) $$;
CREATE OR REPLACE FUNCTION navkeeper.grant_append_only(VARIADIC tables text[]) RETURNS void LANGUAGE sql
  AS $$ SELECT navkeeper.grant_on('SELECT, INSERT', tables) $$;
CREATE OR REPLACE FUNCTION navkeeper.grant_changeable(VARIADIC tables text[]) RETURNS void LANGUAGE sql
  AS $$ SELECT navkeeper.grant_on('SELECT, INSERT, UPDATE', tables) $$;
CREATE OR REPLACE FUNCTION navkeeper.grant_removable(VARIADIC tables text[]) RETURNS void LANGUAGE sql
  AS $$ SELECT navkeeper.grant_on('SELECT, INSERT, UPDATE, DELETE', tables) $$;
