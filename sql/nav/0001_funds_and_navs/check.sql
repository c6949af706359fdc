-- Each statement must return no row.
SELECT 'missing table ' || name
FROM unnest(ARRAY['fund', 'fund_definition', 'nav', 'nav_check', 'nav_override', 'nav_approval']) AS name
WHERE to_regclass(name) IS NULL;

SELECT 'primary key of ' || c.conrelid::regclass || ' does not begin with fund_id'
FROM pg_constraint c
JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
WHERE c.contype IN ('p', 'u') AND a.attname <> 'fund_id'
  AND c.conrelid IN ('fund'::regclass, 'fund_definition'::regclass, 'nav'::regclass, 'nav_check'::regclass,
                     'nav_override'::regclass, 'nav_approval'::regclass);

SELECT 'may be changed: ' || t.name || ' ' || p.privilege
FROM unnest(ARRAY['fund', 'fund_definition', 'nav', 'nav_check', 'nav_override', 'nav_approval']) AS t (name),
     unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE']) AS p (privilege)
WHERE has_table_privilege('@ROLE@', t.name, p.privilege);

SELECT 'the approver may be the striker'
WHERE NOT EXISTS (SELECT FROM pg_constraint WHERE conname = 'approver_is_not_the_striker');
