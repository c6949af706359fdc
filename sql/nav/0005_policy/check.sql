-- Each statement must return no row.
SELECT 'a key of ' || c.conrelid::regclass || ' does not begin with fund_id'
FROM pg_constraint c
JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
WHERE c.contype IN ('p', 'u') AND a.attname <> 'fund_id'
  AND c.conrelid IN ('policy_head'::regclass, 'fund_fact'::regclass, 'incurred_expense'::regclass,
                     'reward_stage'::regclass, 'fund_act'::regclass, 'fund_act_decision'::regclass,
                     'fund_act_step'::regclass);

SELECT 'may be changed: ' || t.name || ' ' || p.privilege
FROM unnest(ARRAY['fund_fact', 'incurred_expense', 'reward_stage', 'fund_act', 'fund_act_decision', 'fund_act_step'])
       AS t (name),
     unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE']) AS p (privilege)
WHERE has_table_privilege('@ROLE@', t.name, p.privilege);

SELECT 'missing constraint approver_is_not_the_proposer'
WHERE NOT EXISTS (SELECT FROM pg_constraint WHERE conname = 'approver_is_not_the_proposer');
