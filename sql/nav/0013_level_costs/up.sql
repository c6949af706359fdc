-- What a strike costs must not grow with the tax year behind it, nor with the checks that passed; what an entry costs must
-- not grow with the batch that it comes in.

-- A NAV has some ten checks of its own and six of each coin's price, and nearly all of them pass. Those that passed stay
-- beside the NAV as one text: nothing refers to them. nav_check has those that failed or could not be measured, which block
-- and are set aside one by one. NAVs struck before keep all of theirs in nav_check.
ALTER TABLE nav ADD COLUMN passed_checks text NOT NULL DEFAULT '[]';  -- JSON: [[position, name, detail, measured, threshold], ...]

-- Documents and inputs are the bulk of what a batch writes. Where the server was built without lz4, its own method stands.
DO $$
BEGIN
  ALTER TABLE nav ALTER COLUMN document SET COMPRESSION lz4;
  ALTER TABLE nav ALTER COLUMN inputs SET COMPRESSION lz4;
  ALTER TABLE nav ALTER COLUMN passed_checks SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN
  NULL;
END $$;

-- Dollars on the accounts of income and expenses by the month of the book date, without unrealised gains: a running total
-- like account_balance, kept by whoever posts. What stood when a tax year began is the balance less the months since.
CREATE TABLE result_by_month (
  fund_id text NOT NULL,
  month date NOT NULL CHECK (extract(day FROM month) = 1),
  account text NOT NULL,
  amount numeric(39, 0) NOT NULL,  -- cents; positive: debit
  PRIMARY KEY (fund_id, month, account),
  FOREIGN KEY (fund_id, account) REFERENCES account
);
INSERT INTO result_by_month
  SELECT e.fund_id, date_trunc('month', e.book_date)::date, s.account, sum(s.amount)
  FROM entry e JOIN posting p USING (fund_id, seq)
  CROSS JOIN LATERAL (VALUES (p.debit, p.amount), (p.credit, -p.amount)) AS s (account, amount)
  WHERE p.commodity = 'USD' AND (s.account LIKE 'Income:%' OR s.account LIKE 'Expenses:%')
    AND s.account NOT LIKE 'Income:Unrealised gain:%'
  GROUP BY 1, 2, 3;
SELECT grant_changeable('result_by_month');

-- The walls behind the domain's rules, as before; each is now one look-up by a key, whatever the planner believes of tables
-- that grew since it planned: one a fund, and one a reversal.
CREATE OR REPLACE FUNCTION refuse_inadmissible_entries() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM (SELECT fund_id, min(book_date) AS first FROM added GROUP BY fund_id) a,
             LATERAL (SELECT FROM books_head h WHERE h.fund_id = a.fund_id AND h.closed_through >= a.first OFFSET 0) h) THEN
    RAISE EXCEPTION 'an entry lies in a closed period: constraint "entry_in_closed_period"'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_in_closed_period';
  END IF;
  IF EXISTS (SELECT FROM added a,
             LATERAL (SELECT FROM entry e WHERE e.fund_id = a.fund_id AND e.seq = a.reverses AND e.reverses IS NOT NULL
                      OFFSET 0) e
             WHERE a.reverses IS NOT NULL) THEN
    RAISE EXCEPTION 'a reversal is reversed: constraint "no_reversal_of_a_reversal"'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'no_reversal_of_a_reversal';
  END IF;
  RETURN NULL;
END $$;

-- A foreign key is checked by a plan that a session makes once, perhaps while the table is all but empty; of indexes that cost
-- alike by then the planner takes the newest. Each index of entry begins with the fund, so every check of a posting came to
-- read the fund's whole journal. With a condition that every row meets, an index answers only what names its own column: by
-- fund and number alone there is the primary key. A reversal is rare, so its index is small now too.
DROP INDEX entry_by_book_date, entry_by_trade_date, entry_by_settlement_date;
CREATE INDEX entry_by_book_date ON entry (fund_id, book_date) WHERE book_date IS NOT NULL;
CREATE INDEX entry_by_trade_date ON entry (fund_id, trade_date) WHERE trade_date IS NOT NULL;
CREATE INDEX entry_by_settlement_date ON entry (fund_id, settlement_date) WHERE settlement_date IS NOT NULL;
ALTER TABLE entry DROP CONSTRAINT entry_fund_id_source_source_id_key, DROP CONSTRAINT entry_fund_id_reverses_key;
CREATE UNIQUE INDEX entry_fund_id_source_source_id_key ON entry (fund_id, source, source_id) WHERE source_id IS NOT NULL;
CREATE UNIQUE INDEX entry_fund_id_reverses_key ON entry (fund_id, reverses) WHERE reverses IS NOT NULL;
