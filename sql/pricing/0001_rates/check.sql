-- Each statement must return no row.
-- Nothing that was learned can be changed or removed by the service.
SELECT table_name, privilege_type FROM information_schema.role_table_grants
 WHERE grantee = '@ROLE@' AND table_schema = '@SERVICE@'
   AND table_name IN ('index_definition', 'trade_import', 'trade', 'rate')
   AND privilege_type NOT IN ('SELECT', 'INSERT');
-- It can write what it must.
SELECT name FROM unnest(ARRAY['index_definition', 'trade_import', 'trade', 'trade_incoming', 'rate']) AS name
 WHERE NOT has_table_privilege('@ROLE@', '@SERVICE@.' || name, 'SELECT, INSERT');
-- The service owns nothing.
SELECT tablename FROM pg_tables WHERE schemaname = '@SERVICE@' AND tableowner = '@ROLE@';
-- Money is exact: no column of binary floating point.
SELECT table_name, column_name FROM information_schema.columns
 WHERE table_schema = '@SERVICE@' AND data_type IN ('real', 'double precision');
