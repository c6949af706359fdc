-- Each statement must return no row.
SELECT 'may be changed: late_entry ' || privilege
FROM unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE']) AS privilege
WHERE has_table_privilege('@ROLE@', 'late_entry', privilege);

SELECT 'the table before is still there: staking_late' WHERE to_regclass('staking_late') IS NOT NULL;
