-- Each statement must return no row.
SELECT 'two statements share a day: ' || a.fund_id || ' ' || a.account || ' ' || a.statement_id
FROM bank_statement a JOIN bank_statement b USING (fund_id, account)
WHERE a.date_to < b.date_to AND b.date_from <= a.date_to;

SELECT 'a statement does not end where the next one begins: ' || fund_id || ' ' || account || ' ' || statement_id
FROM (SELECT *, lead(opening) OVER (PARTITION BY fund_id, account ORDER BY date_from) AS next_opening FROM bank_statement) s
WHERE s.closing <> s.next_opening;

SELECT 'missing trigger on bank_statement'
WHERE NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = 'bank_statement'::regclass AND tgname = 'tied_statement');
