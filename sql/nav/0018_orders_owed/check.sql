-- Each statement must return no row.
SELECT 'missing constraint ' || name
FROM unnest(ARRAY['nothing_held_below_zero', 'no_more_delivered_than_is_owed']) AS name
WHERE NOT EXISTS (SELECT FROM pg_constraint WHERE conname = name);

SELECT 'more is delivered than was owed: ' || fund_id || ' ' || account
FROM account_balance
WHERE amount > 0 AND (account LIKE 'Assets:Owed:%' OR account LIKE 'Liabilities:Orders payable:%');
