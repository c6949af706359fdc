-- Each statement must return no row.
SELECT 'may be emptied: request_pace ' || p.privilege
FROM unnest(ARRAY['DELETE', 'TRUNCATE']) AS p (privilege)
WHERE has_table_privilege('@ROLE@', 'request_pace', p.privilege);
