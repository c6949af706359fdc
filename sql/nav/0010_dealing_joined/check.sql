-- Each statement must return no row.
SELECT 'a key of ' || c.conrelid::regclass || ' does not begin with fund_id'
FROM pg_constraint c
JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
WHERE c.contype IN ('p', 'u') AND a.attname <> 'fund_id'
  AND c.conrelid IN ('order_repricing'::regclass, 'order_repricing_decision'::regclass, 'order_repriced'::regclass,
                     'portfolio_composition'::regclass);

SELECT 'may be changed: ' || t.name || ' ' || p.privilege
FROM unnest(ARRAY['order_repricing', 'order_repricing_decision', 'order_repriced', 'portfolio_composition']) AS t (name),
     unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE']) AS p (privilege)
WHERE has_table_privilege('@ROLE@', t.name, p.privilege);

SELECT 'missing constraint ' || name
FROM unnest(ARRAY['nobody_approves_their_own_repricing', 'dealt_anew_at_what_is_published', 'final_by_its_own_nav',
                  'allocated_to_a_known_order']) AS name
WHERE NOT EXISTS (SELECT FROM pg_constraint WHERE conname = name);
