-- Each statement must return no row.
SELECT 'no room for the next balance: ' || c.relname
FROM pg_class c
WHERE c.oid IN ('account_balance'::regclass, 'result_by_month'::regclass, 'books_head'::regclass)
  AND NOT EXISTS (SELECT FROM unnest(c.reloptions) AS o (text) WHERE o.text LIKE 'fillfactor=%');
