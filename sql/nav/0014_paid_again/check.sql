-- Each statement must return no row.
SELECT 'may be changed: fund_act_step ' || p.privilege
FROM unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE']) AS p (privilege)
WHERE has_table_privilege('@ROLE@', 'fund_act_step', p.privilege);

SELECT 'paid again while an earlier payment stands: ' || s.fund_id || ' ' || s.act_id
FROM fund_act_step s JOIN fund_act_step b ON (b.fund_id, b.act_id, b.step) = (s.fund_id, s.act_id, s.step) AND b.attempt < s.attempt
JOIN entry e ON e.fund_id = b.fund_id AND e.source = 'distribution'
  AND e.source_id = b.act_id || '/paid' || CASE WHEN b.attempt = 1 THEN '' ELSE ' ' || b.attempt END
WHERE NOT EXISTS (SELECT FROM entry r WHERE r.fund_id = e.fund_id AND r.reverses = e.seq);
