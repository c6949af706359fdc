-- Each statement must return no row.
SELECT table_name, privilege_type FROM information_schema.role_table_grants
 WHERE grantee = '@ROLE@' AND table_schema = '@SERVICE@'
   AND table_name IN ('reconciliation_line', 'reconciliation_balance') AND privilege_type NOT IN ('SELECT', 'INSERT');
SELECT name FROM unnest(ARRAY['reconciliation_line', 'reconciliation_balance']) AS name
 WHERE NOT has_table_privilege('@ROLE@', '@SERVICE@.' || name, 'SELECT, INSERT');
