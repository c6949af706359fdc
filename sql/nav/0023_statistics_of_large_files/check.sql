-- Each statement must return no row.
SELECT 'nav may not take statistics of its books'
WHERE NOT has_function_privilege('@ROLE@', 'analyze_books()', 'EXECUTE');
