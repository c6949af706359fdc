-- Each statement must return no row.
SELECT 'may be changed: ' || t.name || ' ' || p.privilege
FROM unnest(ARRAY['reward_stage', 'share_split']) AS t (name), unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE']) AS p (privilege)
WHERE has_table_privilege('@ROLE@', t.name, p.privilege);

SELECT 'missing constraint ' || c.name
FROM unnest(ARRAY['coins_of_a_reward_stand_somewhere', 'pending_or_income']) AS c (name)
WHERE NOT EXISTS (SELECT FROM pg_constraint WHERE conname = c.name);
