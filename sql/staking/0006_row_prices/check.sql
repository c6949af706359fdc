-- Each statement must return no row.
SELECT 'may be changed: row_price ' || p.privilege
FROM unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE']) AS p (privilege)
WHERE has_table_privilege('@ROLE@', '@SERVICE@.row_price', p.privilege);
SELECT 'may not be read or added to: row_price'
WHERE NOT has_table_privilege('@ROLE@', '@SERVICE@.row_price', 'SELECT, INSERT');
