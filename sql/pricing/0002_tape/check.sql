-- Each statement must return no row.
-- Nothing that was learned can be changed or removed by the service.
SELECT table_name, privilege_type FROM information_schema.role_table_grants
 WHERE grantee = '@ROLE@' AND table_schema = '@SERVICE@'
   AND table_name IN ('trade', 'import_span', 'feed_session', 'feed_note', 'tape_drop', 'trade_source')
   AND privilege_type NOT IN ('SELECT', 'INSERT');
-- Nor past the parent, in a partition.
SELECT table_name, privilege_type FROM information_schema.role_table_grants
 WHERE grantee = '@ROLE@' AND table_schema = '@SERVICE@' AND table_name ~ '^trade_(early|[0-9]{8})$';
-- It can write what it must.
SELECT name FROM unnest(ARRAY['trade', 'import_span', 'trade_incoming', 'feed_session', 'feed_note', 'feed_position', 'tape_head', 'trade_day', 'tape_drop']) AS name
 WHERE NOT has_table_privilege('@ROLE@', '@SERVICE@.' || name, 'SELECT, INSERT');
SELECT name FROM unnest(ARRAY['make_trade_day(date)', 'drop_trade_day(date, text)']) AS name
 WHERE NOT has_function_privilege('@ROLE@', '@SERVICE@.' || name, 'EXECUTE');
-- Nobody else makes or drops days.
SELECT proname FROM pg_proc JOIN pg_namespace n ON n.oid = pronamespace
 WHERE n.nspname = '@SERVICE@' AND prosecdef AND has_function_privilege('navkeeper_auditor', pg_proc.oid, 'EXECUTE');
-- The service owns nothing, functions included.
SELECT tablename FROM pg_tables WHERE schemaname = '@SERVICE@' AND tableowner = '@ROLE@';
SELECT proname FROM pg_proc JOIN pg_namespace n ON n.oid = pronamespace JOIN pg_roles r ON r.oid = proowner
 WHERE n.nspname = '@SERVICE@' AND r.rolname = '@ROLE@';
-- Every trade has its day.
SELECT day, pair, venue FROM trade_day GROUP BY day, pair, venue
HAVING sum(trades) <> (SELECT count(*) FROM trade t WHERE t.pair = trade_day.pair AND t.venue = trade_day.venue
  AND t.time_ns >= (trade_day.day - DATE '1970-01-01')::bigint * 86400000000000
  AND t.time_ns < (trade_day.day - DATE '1970-01-01')::bigint * 86400000000000 + 86400000000000);
-- Money is exact: no column of binary floating point.
SELECT table_name, column_name FROM information_schema.columns
 WHERE table_schema = '@SERVICE@' AND data_type IN ('real', 'double precision');
