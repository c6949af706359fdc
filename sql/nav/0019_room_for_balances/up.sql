-- A strike changes some two dozen balances of its fund and adds none. Room on the page lets PostgreSQL write the new
-- version of a row beside the old one, without a new entry in the primary key's index; the next look at the page
-- takes the old one away.
ALTER TABLE account_balance SET (fillfactor = 60);
ALTER TABLE result_by_month SET (fillfactor = 60);
ALTER TABLE books_head SET (fillfactor = 50);
