-- Each statement must return no row.
-- Nothing published can be changed or removed by the service itself.
SELECT table_name, privilege_type FROM information_schema.role_table_grants
 WHERE grantee = '@ROLE@' AND table_schema = '@SERVICE@'
   AND table_name LIKE 'real\_time\_%' AND privilege_type NOT IN ('SELECT', 'INSERT');
SELECT name FROM unnest(ARRAY['real_time_definition', 'real_time_value']) AS name
 WHERE NOT has_table_privilege('@ROLE@', '@SERVICE@.' || name, 'SELECT, INSERT');
SELECT name FROM unnest(ARRAY['real_time_day(date)', 'real_time_forget(date)']) AS name
 WHERE NOT has_function_privilege('@ROLE@', '@SERVICE@.' || name, 'EXECUTE');
-- Nobody else may make or drop days.
SELECT proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
 WHERE n.nspname = '@SERVICE@' AND proname IN ('real_time_day', 'real_time_forget') AND has_function_privilege('navkeeper_auditor', p.oid, 'EXECUTE');
