-- Each statement must return no row.
SELECT table_name, privilege_type FROM information_schema.role_table_grants
 WHERE grantee = '@ROLE@' AND table_schema = '@SERVICE@'
   AND table_name IN ('validator_set', 'validator_record', 'validator_slash') AND privilege_type NOT IN ('SELECT', 'INSERT');
SELECT name FROM unnest(ARRAY['validator_set', 'validator_record', 'validator_slash']) AS name
 WHERE NOT has_table_privilege('@ROLE@', '@SERVICE@.' || name, 'SELECT, INSERT');
