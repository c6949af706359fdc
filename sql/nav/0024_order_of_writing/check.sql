-- Each statement must return no row.
SELECT 'may be changed: late_move ' || privilege
FROM unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE']) AS privilege
WHERE has_table_privilege('@ROLE@', 'late_move', privilege);

SELECT 'struck after an entry that is not there: ' || n.fund_id || ' ' || n.valuation_date
FROM nav n JOIN books_head h USING (fund_id) WHERE n.entries > h.entries;
