-- Each statement must return no row.
SELECT 'may be changed: ' || t.name || ' ' || p.privilege
FROM unnest(ARRAY['fund_act_undo', 'fund_act_undo_decision']) AS t (name),
     unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE']) AS p (privilege)
WHERE has_table_privilege('@ROLE@', t.name, p.privilege);

SELECT 'missing constraint nobody_undoes_alone'
WHERE NOT EXISTS (SELECT FROM pg_constraint WHERE conname = 'nobody_undoes_alone');
