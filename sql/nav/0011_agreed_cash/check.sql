-- Each statement must return no row.
SELECT 'a key of bank_agreement does not begin with fund_id'
FROM pg_constraint c
JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
WHERE c.contype IN ('p', 'u') AND a.attname <> 'fund_id' AND c.conrelid = 'bank_agreement'::regclass;

SELECT 'may be changed: bank_agreement ' || p.privilege
FROM unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE']) AS p (privilege)
WHERE has_table_privilege('@ROLE@', 'bank_agreement', p.privilege);

SELECT 'missing index ' || name
FROM unnest(ARRAY['entry_by_trade_date', 'entry_by_settlement_date', 'wire_by_what_it_pays']) AS name
WHERE NOT EXISTS (SELECT FROM pg_class WHERE relname = name AND relkind = 'i');
