-- Each statement must return no row.
SELECT 'a key of ' || c.conrelid::regclass || ' does not begin with fund_id'
FROM pg_constraint c
JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
WHERE c.contype IN ('p', 'u') AND a.attname <> 'fund_id'
  AND c.conrelid = ANY (ARRAY['cash_head', 'cash_proposal', 'cash_decision', 'wire_release', 'bank_statement', 'bank_line',
                              'bank_match', 'trade_execution', 'trade_allocation', 'trade_confirmation',
                              'trade_settlement', 'share_position', 'indicative_value', 'period_statements']::regclass[]);

SELECT 'may be changed: ' || t.name || ' ' || p.privilege
FROM unnest(ARRAY['cash_proposal', 'cash_decision', 'wire_release', 'bank_statement', 'bank_line', 'bank_match',
                  'trade_execution', 'trade_allocation', 'trade_confirmation', 'trade_settlement', 'share_position',
                  'indicative_value', 'period_statements']) AS t (name),
     unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE']) AS p (privilege)
WHERE has_table_privilege('@ROLE@', t.name, p.privilege);

SELECT 'missing constraint ' || name
FROM unnest(ARRAY['nobody_approves_their_own_cash_proposal', 'statement_overlaps', 'statement_does_not_follow']) AS name
WHERE NOT EXISTS (SELECT FROM pg_constraint WHERE conname = name);
