-- Each statement must return no row.
SELECT 'primary key of ' || c.conrelid::regclass || ' does not begin with fund_id'
FROM pg_constraint c
JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
WHERE c.contype IN ('p', 'u') AND a.attname <> 'fund_id'
  AND c.conrelid IN ('tax_lot'::regclass, 'tax_lot_movement'::regclass, 'coin_flow'::regclass, 'share_split'::regclass,
                     'lot_identification'::regclass, 'lot_identification_use'::regclass, 'period_close'::regclass,
                     'period_reopening'::regclass, 'period_reopening_approval'::regclass);

SELECT 'may be changed: ' || t.name || ' ' || p.privilege
FROM unnest(ARRAY['tax_lot_movement', 'coin_flow', 'share_split', 'lot_identification', 'lot_identification_use',
                  'period_close', 'period_reopening', 'period_reopening_approval']) AS t (name),
     unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE']) AS p (privilege)
WHERE has_table_privilege('@ROLE@', t.name, p.privilege);

SELECT 'may be removed: tax_lot' WHERE has_table_privilege('@ROLE@', 'tax_lot', 'DELETE');

SELECT 'missing constraint ' || name
FROM unnest(ARRAY['no_tax_cost_without_coins', 'identified_before_the_disposal', 'nobody_reopens_alone']) AS name
WHERE NOT EXISTS (SELECT FROM pg_constraint WHERE conname = name);

SELECT 'missing trigger ' || name
FROM unnest(ARRAY['admissible_entries', 'approved_reopening']) AS name
WHERE NOT EXISTS (SELECT FROM pg_trigger WHERE tgname = name);

SELECT 'the tax book does not foot with the books: ' || fund_id || ' ' || asset
FROM (SELECT fund_id, asset, sum(quantity) AS quantity FROM lot GROUP BY fund_id, asset) g
FULL JOIN (SELECT fund_id, asset, sum(quantity) AS quantity FROM tax_lot GROUP BY fund_id, asset) t USING (fund_id, asset)
WHERE g.quantity IS DISTINCT FROM t.quantity;

SELECT 'flows do not foot with lots: ' || fund_id || ' ' || asset
FROM (SELECT fund_id, asset, sum(quantity) AS quantity, sum(cost) AS cost FROM lot GROUP BY fund_id, asset) g
FULL JOIN (SELECT fund_id, asset, sum(quantity) AS quantity, sum(cost) AS cost FROM coin_flow WHERE book = 'gaap'
           GROUP BY fund_id, asset) f USING (fund_id, asset)
WHERE g.quantity IS DISTINCT FROM f.quantity OR g.cost IS DISTINCT FROM f.cost;
