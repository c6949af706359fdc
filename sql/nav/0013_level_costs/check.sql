-- Each statement must return no row.
SELECT 'missing column nav.passed_checks'
WHERE NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'nav'::regclass AND attname = 'passed_checks' AND attnotnull);

SELECT 'a key of result_by_month does not begin with fund_id'
FROM pg_constraint c
JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
WHERE c.contype IN ('p', 'u') AND a.attname <> 'fund_id' AND c.conrelid = 'result_by_month'::regclass;

SELECT 'the months do not add up: ' || fund_id || ' ' || account
FROM (SELECT fund_id, account, sum(amount) AS amount FROM result_by_month GROUP BY 1, 2) m
FULL JOIN (SELECT fund_id, account, amount FROM account_balance
           WHERE commodity = 'USD' AND (account LIKE 'Income:%' OR account LIKE 'Expenses:%')
             AND account NOT LIKE 'Income:Unrealised gain:%') b USING (fund_id, account)
WHERE coalesce(m.amount, 0) <> coalesce(b.amount, 0);

SELECT 'a key of entry is looked up by another index: ' || indexrelid::regclass
FROM pg_index WHERE indrelid = 'entry'::regclass AND NOT indisprimary AND indpred IS NULL;
