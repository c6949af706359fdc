-- Each statement must return no row.
SELECT 'a key of ' || c.conrelid::regclass || ' does not begin with fund_id'
FROM pg_constraint c
JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
WHERE c.contype IN ('p', 'u') AND a.attname <> 'fund_id'
  AND c.conrelid IN ('staking_event'::regclass, 'staking_waiting'::regclass, 'staking_booked'::regclass, 'staking_reward'::regclass,
                     'staking_carried'::regclass, 'staking_cut_off'::regclass, 'staking_late'::regclass);

SELECT 'may be changed: ' || t.name || ' ' || p.privilege
FROM unnest(ARRAY['staking_event', 'staking_booked', 'staking_reward', 'staking_cut_off', 'staking_late']) AS t (name),
     unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE']) AS p (privilege)
WHERE has_table_privilege('@ROLE@', t.name, p.privilege);

SELECT 'may not be ended: staking_waiting'
WHERE NOT has_table_privilege('@ROLE@', 'staking_waiting', 'DELETE') OR has_table_privilege('@ROLE@', 'staking_waiting', 'UPDATE');

SELECT 'waits and is booked: ' || event_id FROM staking_waiting JOIN staking_booked USING (fund_id, event_id);
