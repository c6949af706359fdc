-- One service's role and schema. The role owns nothing and may do in the schema only what its migrations grant.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '@ROLE@') THEN
    CREATE ROLE @ROLE@ LOGIN;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_namespace WHERE nspname = '@SERVICE@') THEN
    CREATE SCHEMA @SERVICE@ AUTHORIZATION navkeeper_owner;
  END IF;
  EXECUTE format('GRANT CONNECT ON DATABASE %I TO @ROLE@', current_database());
END
$$;
GRANT USAGE ON SCHEMA @SERVICE@ TO @ROLE@, navkeeper_auditor;
ALTER DEFAULT PRIVILEGES FOR ROLE navkeeper_owner IN SCHEMA @SERVICE@ GRANT SELECT ON TABLES TO navkeeper_auditor;
