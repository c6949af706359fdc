-- Each statement must return no row.
SELECT 'missing column period_close.after_reopening'
WHERE NOT EXISTS (SELECT FROM pg_attribute
                  WHERE attrelid = 'period_close'::regclass AND attname = 'after_reopening' AND attnotnull);

SELECT 'a closing stands on a reopening that nobody approved: ' || c.fund_id || ' ' || c.number
FROM period_close c
WHERE c.after_reopening > 0
  AND NOT EXISTS (SELECT FROM period_reopening_approval a WHERE a.fund_id = c.fund_id AND a.number = c.after_reopening);

SELECT 'the books are closed through another day than their closings say: ' || h.fund_id
FROM books_head h
WHERE h.closed_through IS DISTINCT FROM (
  SELECT max(k.through) FROM standing_closings(h.fund_id, 9223372036854775807) k);
