-- Each statement must return no row.
SELECT 'may be changed: movement_stake_test ' || p.privilege
FROM unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE']) AS p (privilege)
WHERE has_table_privilege('@ROLE@', '@SERVICE@.movement_stake_test', p.privilege);
SELECT 'may not be read or added to: movement_stake_test'
WHERE NOT has_table_privilege('@ROLE@', '@SERVICE@.movement_stake_test', 'SELECT, INSERT');
