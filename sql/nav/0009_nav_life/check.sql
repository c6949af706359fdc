-- Each statement must return no row.
SELECT 'primary key of ' || c.conrelid::regclass || ' does not begin with fund_id'
FROM pg_constraint c
JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
WHERE c.contype IN ('p', 'u') AND a.attname <> 'fund_id'
  AND c.conrelid IN ('nav_publication'::regclass, 'nav_evidence'::regclass, 'nav_error_report'::regclass,
                     'nav_contingent'::regclass);

SELECT 'may be changed: ' || t.name || ' ' || p.privilege
FROM unnest(ARRAY['nav_publication', 'nav_evidence', 'nav_error_report', 'nav_contingent']) AS t (name),
     unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE']) AS p (privilege)
WHERE has_table_privilege('@ROLE@', t.name, p.privilege);

SELECT 'missing constraint ' || name
FROM unnest(ARRAY['publisher_is_not_the_striker', 'a_first_version_is_a_strike', 'a_further_version_has_a_reason'])
       AS name
WHERE NOT EXISTS (SELECT FROM pg_constraint WHERE conname = name);

SELECT 'missing trigger unblocked_publication'
WHERE NOT EXISTS (SELECT FROM pg_trigger WHERE tgname = 'unblocked_publication');

SELECT 'published without approval: ' || fund_id || ' ' || valuation_date || ' ' || version
FROM nav_publication p
WHERE NOT EXISTS (SELECT FROM nav_approval a
                  WHERE a.fund_id = p.fund_id AND a.valuation_date = p.valuation_date AND a.version = p.version);
