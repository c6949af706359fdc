-- Each statement must return no row.
SELECT 'may be changed: ' || t.name || ' ' || p.privilege
FROM unnest(ARRAY['statement', 'attestation']) AS t (name), unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE']) AS p (privilege)
WHERE has_table_privilege('@ROLE@', t.name, p.privilege);
SELECT name FROM unnest(ARRAY['statement', 'attestation']) AS name
 WHERE NOT has_table_privilege('@ROLE@', '@SERVICE@.' || name, 'SELECT, INSERT');
