-- Each statement must return no row.
SELECT table_name, privilege_type FROM information_schema.role_table_grants
 WHERE grantee = '@ROLE@' AND table_schema = '@SERVICE@'
   AND table_name IN ('sync_run', 'raw_body', 'raw_answer', 'position_reading', 'position', 'staking_event', 'roll_forward', 'roll_forward_line', 'parameter_reading', 'alert')
   AND privilege_type NOT IN ('SELECT', 'INSERT');
SELECT name FROM unnest(ARRAY['sync_run', 'raw_body', 'raw_answer', 'position_reading', 'position', 'staking_event', 'roll_forward', 'roll_forward_line', 'parameter_reading', 'alert']) AS name
 WHERE NOT has_table_privilege('@ROLE@', '@SERVICE@.' || name, 'SELECT, INSERT');
-- Money is exact.
SELECT table_name, column_name FROM information_schema.columns
 WHERE table_schema = '@SERVICE@' AND data_type IN ('real', 'double precision');
