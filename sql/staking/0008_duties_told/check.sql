-- Each statement must return no row.
SELECT 'missing: duty.' || name FROM unnest(ARRAY['attestations_without_ideal', 'proposals_missed']) AS name
 WHERE NOT EXISTS (SELECT FROM information_schema.columns WHERE table_schema = '@SERVICE@' AND table_name = 'duty'
                   AND column_name = name);
SELECT 'may be changed: duty ' || p.privilege
FROM unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE']) AS p (privilege)
WHERE has_table_privilege('@ROLE@', '@SERVICE@.duty', p.privilege);
