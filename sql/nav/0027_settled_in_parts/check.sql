-- Each statement must return no row.
SELECT 'missing index ' || name
FROM unnest(ARRAY['order_settlement_by_date', 'order_open', 'named_once', 'settlements_are_numbered_once']) AS name
WHERE NOT EXISTS (SELECT FROM pg_class WHERE relname = name AND relkind = 'i');

SELECT 'settlements of ' || h.fund_id || ' are not counted'
FROM dealing_head h
WHERE h.settlements <> (SELECT count(*) FROM order_settlement s WHERE s.fund_id = h.fund_id);
