-- Roles, and who may come into the database at all. Run at every `navkeeper db init`; changes nothing the second time.
-- The roles are the cluster's: another database of the same server may have made them already.
DO $$
DECLARE
  wanted record;
BEGIN
  FOR wanted IN
    SELECT * FROM (VALUES ('navkeeper_owner', 'NOLOGIN'), ('navkeeper_migrator', 'LOGIN NOINHERIT'), ('navkeeper_auditor', 'LOGIN')) AS r (name, options)
  LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted.name) THEN
      EXECUTE format('CREATE ROLE %I %s', wanted.name, wanted.options);
    END IF;
  END LOOP;

  -- The migrator acts as the owner. So must whoever runs this, to make schemas in the owner's name.
  IF NOT EXISTS (SELECT FROM pg_auth_members m JOIN pg_roles o ON o.oid = m.roleid JOIN pg_roles u ON u.oid = m.member
                 WHERE o.rolname = 'navkeeper_owner' AND u.rolname = 'navkeeper_migrator') THEN
    GRANT navkeeper_owner TO navkeeper_migrator;
  END IF;
  IF NOT pg_has_role(current_user, 'navkeeper_owner', 'MEMBER') THEN
    EXECUTE format('GRANT navkeeper_owner TO %I', current_user);
  END IF;

  -- Nobody comes in who was not let in; nobody makes temporary tables.
  EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
  EXECUTE format('GRANT CONNECT ON DATABASE %I TO navkeeper_migrator, navkeeper_auditor', current_database());
  EXECUTE format('GRANT CREATE ON DATABASE %I TO navkeeper_owner', current_database());
END
$$;

REVOKE ALL ON SCHEMA public FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE navkeeper_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

-- The schema of the migrations themselves.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_namespace WHERE nspname = 'navkeeper') THEN
    CREATE SCHEMA navkeeper AUTHORIZATION navkeeper_owner;
  END IF;
END
$$;
