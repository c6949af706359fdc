-- Each statement must return no row.
SELECT 'may be changed: reward_stage ' || p.privilege
FROM unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE']) AS p (privilege)
WHERE has_table_privilege('@ROLE@', 'reward_stage', p.privilege);

SELECT 'a stage stands twice: ' || s.fund_id || ' ' || s.reward_id
FROM reward_stage s
WHERE NOT EXISTS (SELECT FROM entry e JOIN entry r ON r.fund_id = e.fund_id AND r.reverses = e.seq
                  WHERE e.fund_id = s.fund_id AND e.source = 'facts' AND e.source_id = s.fact_id)
GROUP BY s.fund_id, s.reward_id, s.stage
HAVING count(*) > 1;
