-- Each statement must return no row.
SELECT 'a key of ' || c.conrelid::regclass || ' does not begin with fund_id'
FROM pg_constraint c
JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
WHERE c.contype IN ('p', 'u') AND a.attname <> 'fund_id'
  AND c.conrelid = ANY (ARRAY['movement_head', 'movement_proposal', 'movement_approval', 'movement_rule_withdrawal',
                              'movement_policy', 'movement_limit', 'movement_destination', 'movement_limit_use',
                              'movement', 'movement_event', 'movement_match']::regclass[]);

SELECT 'may be changed: ' || t.name || ' ' || p.privilege
FROM unnest(ARRAY['movement_proposal', 'movement_approval', 'movement_rule_withdrawal', 'movement_policy', 'movement_limit',
                  'movement_destination', 'movement_limit_use', 'movement', 'movement_event', 'movement_match'])
       AS t (name),
     unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE']) AS p (privilege)
WHERE has_table_privilege('@ROLE@', t.name, p.privilege);

SELECT 'missing constraint ' || name
FROM unnest(ARRAY['one_person_approves_a_movement_once', 'nobody_approves_their_own_movement', 'an_address_cools_off',
                  'within_the_limit_of_a_movement', 'within_the_limit_of_a_day', 'only_to_whitelisted_addresses',
                  'only_after_cooling_off', 'approved_within_a_limit', 'two_people_approve_what_is_sent',
                  'a_state_follows_from_the_one_before']) AS name
WHERE NOT EXISTS (SELECT FROM pg_constraint WHERE conname = name AND connamespace = '@SERVICE@'::regnamespace);
-- Money is exact.
SELECT table_name, column_name FROM information_schema.columns
 WHERE table_schema = '@SERVICE@' AND data_type IN ('real', 'double precision');
