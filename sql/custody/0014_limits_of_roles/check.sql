-- Each statement must return no row.
SELECT 'a key of ' || c.conrelid::regclass || ' does not begin with fund_id'
FROM pg_constraint c
JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
WHERE c.contype IN ('p', 'u') AND a.attname <> 'fund_id' AND c.conrelid = 'movement_role_use'::regclass;

SELECT 'may be changed: movement_role_use ' || p.privilege
FROM unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE']) AS p (privilege)
WHERE has_table_privilege('@ROLE@', 'movement_role_use', p.privilege);

SELECT 'missing constraint ' || name
FROM unnest(ARRAY['one_person_within_the_role', 'within_the_limit_of_a_roles_day', 'counted_in_the_roles_day',
                  'use_of_a_roles_day']) AS name
WHERE NOT EXISTS (SELECT FROM pg_constraint WHERE conname = name AND connamespace = '@SERVICE@'::regnamespace);
