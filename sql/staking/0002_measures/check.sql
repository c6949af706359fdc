-- Each statement must return no row.
SELECT table_name, privilege_type FROM information_schema.role_table_grants
 WHERE grantee = '@ROLE@' AND table_schema = '@SERVICE@'
   AND table_name IN ('measure', 'queue_reading', 'duty') AND privilege_type NOT IN ('SELECT', 'INSERT');
SELECT name FROM unnest(ARRAY['measure', 'queue_reading', 'duty']) AS name
 WHERE NOT has_table_privilege('@ROLE@', '@SERVICE@.' || name, 'SELECT, INSERT');
SELECT table_name, column_name FROM information_schema.columns
 WHERE table_schema = '@SERVICE@' AND data_type IN ('real', 'double precision');
