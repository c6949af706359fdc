-- Each statement must return no row.
SELECT 'a key of ' || c.conrelid::regclass || ' does not begin with fund_id'
FROM pg_constraint c
JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
WHERE c.contype IN ('p', 'u') AND a.attname <> 'fund_id'
  AND c.conrelid = ANY (ARRAY['movement_dollar_terms', 'movement_dollar_limit', 'movement_dollar_use']::regclass[]);

SELECT 'may be changed: ' || t.name || ' ' || p.privilege
FROM unnest(ARRAY['movement_dollar_terms', 'movement_dollar_limit', 'movement_dollar_use']) AS t (name),
     unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE']) AS p (privilege)
WHERE has_table_privilege('@ROLE@', t.name, p.privilege);

SELECT 'missing constraint ' || name
FROM unnest(ARRAY['valued_as_in_the_roles_day', 'valued_by_a_price_of_recent_date', 'within_the_dollars_of_a_movement',
                  'within_the_dollars_of_a_roles_day']) AS name
WHERE NOT EXISTS (SELECT FROM pg_constraint WHERE conname = name AND connamespace = '@SERVICE@'::regnamespace);

SELECT 'missing trigger counted_in_dollars'
WHERE NOT EXISTS (SELECT FROM pg_trigger WHERE tgname = 'counted_in_dollars'
                   AND tgrelid = 'movement_limit_use'::regclass);
