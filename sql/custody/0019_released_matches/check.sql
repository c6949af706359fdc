-- Each statement must return no row.
SELECT 'a key of ' || c.conrelid::regclass || ' does not begin with fund_id'
FROM pg_constraint c
JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
WHERE c.contype IN ('p', 'u') AND a.attname <> 'fund_id'
  AND c.conrelid = ANY (ARRAY['movement_match', 'movement_match_release']::regclass[]);

SELECT 'may be changed: movement_match_release ' || p.privilege
FROM unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE']) AS p (privilege)
WHERE has_table_privilege('@ROLE@', 'movement_match_release', p.privilege);

SELECT 'missing constraint ' || name
FROM unnest(ARRAY['a_movement_keeps_what_it_ended_with', 'a_record_is_one_movements_at_a_time',
                  'what_a_movement_ended_with']) AS name
WHERE NOT EXISTS (SELECT FROM pg_constraint WHERE conname = name AND connamespace = '@SERVICE@'::regnamespace);
