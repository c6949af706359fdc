-- Each statement must return no row.
SELECT table_name, privilege_type FROM information_schema.role_table_grants
 WHERE grantee = '@ROLE@' AND table_schema = '@SERVICE@'
   AND table_name = 'reconciled_day' AND privilege_type NOT IN ('SELECT', 'INSERT');
SELECT 'reconciled_day' WHERE NOT has_table_privilege('@ROLE@', '@SERVICE@.reconciled_day', 'SELECT, INSERT');
