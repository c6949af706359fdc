-- Each statement must return no row.
SELECT 'missing constraint ' || name FROM unnest(ARRAY['a_state_is_set_aside_by_two']) AS name
WHERE NOT EXISTS (SELECT FROM pg_constraint WHERE conname = name AND connamespace = '@SERVICE@'::regnamespace);
SELECT table_name, privilege_type FROM information_schema.role_table_grants
 WHERE grantee = '@ROLE@' AND table_schema = '@SERVICE@' AND table_name IN ('set_aside', 'set_aside_approval')
   AND privilege_type NOT IN ('SELECT', 'INSERT');
-- What two people set aside is what was proposed.
SELECT a.fund_id, a.number FROM set_aside_approval a WHERE NOT EXISTS
 (SELECT FROM set_aside s WHERE s.fund_id = a.fund_id AND s.number = a.number AND s.proposed_by <> a.approved_by);
