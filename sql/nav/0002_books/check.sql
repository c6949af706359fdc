-- Each statement must return no row.
SELECT 'primary key of ' || c.conrelid::regclass || ' does not begin with fund_id'
FROM pg_constraint c
JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
WHERE c.contype IN ('p', 'u') AND a.attname <> 'fund_id'
  AND c.conrelid IN ('books_head'::regclass, 'commodity'::regclass, 'account'::regclass, 'entry'::regclass,
                     'posting'::regclass, 'share_change'::regclass, 'lot_movement'::regclass, 'lot'::regclass,
                     'account_balance'::regclass);

SELECT 'may be changed: ' || t.name || ' ' || p.privilege
FROM unnest(ARRAY['commodity', 'account', 'entry', 'posting', 'share_change', 'lot_movement']) AS t (name),
     unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE']) AS p (privilege)
WHERE has_table_privilege('@ROLE@', t.name, p.privilege);

SELECT 'may be removed: ' || t.name
FROM unnest(ARRAY['books_head', 'lot', 'account_balance']) AS t (name)
WHERE has_table_privilege('@ROLE@', t.name, 'DELETE');

SELECT 'missing constraint ' || name
FROM unnest(ARRAY['no_cost_without_coins', 'nothing_held_below_zero', 'no_fee_paid_beyond_what_is_payable']) AS name
WHERE NOT EXISTS (SELECT FROM pg_constraint WHERE conname = name);
