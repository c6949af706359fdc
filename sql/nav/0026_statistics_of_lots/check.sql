-- Each statement must return no row.
SELECT 'nav may not take statistics of its books'
WHERE NOT has_function_privilege('@ROLE@', 'analyze_books()', 'EXECUTE');
SELECT 'no statistics of lots' WHERE NOT EXISTS (
  SELECT FROM pg_proc WHERE oid = 'analyze_books()'::regprocedure AND prosrc LIKE '%tax_lot,%');
