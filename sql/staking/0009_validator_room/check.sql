-- Each statement must return no row.
SELECT 'missing: validator_record.tokens_max' WHERE NOT EXISTS (
  SELECT FROM information_schema.columns WHERE table_schema = '@SERVICE@' AND table_name = 'validator_record'
    AND column_name = 'tokens_max');
SELECT 'may be changed: validator_record ' || p.privilege
FROM unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE']) AS p (privilege)
WHERE has_table_privilege('@ROLE@', '@SERVICE@.validator_record', p.privilege);
