-- What struck NAVs lack, whoever posted it: staking's events, facts and files that people tell, trades, corrections. Under a
-- cent a share it is in the next NAV, else it is a NAV error and stands in the books of the day that lacks it.
CREATE TABLE late_entry (
  fund_id text NOT NULL REFERENCES fund,
  source text NOT NULL CHECK (source <> ''),      -- and its id there: of the entry, or of the fact that made it
  source_id text NOT NULL CHECK (source_id <> ''),
  since date NOT NULL,  -- the first NAV that lacks it
  treatment text NOT NULL CHECK (treatment IN ('next_strike', 'nav_error')),
  book_date date NOT NULL,
  asset text NOT NULL,
  quantity numeric NOT NULL,  -- whole coins or dollars; negative: less
  dollars numeric NOT NULL,   -- at the price of the NAV it belongs to
  per_share numeric NOT NULL, -- of all that was posted with it, on the NAV that they move most
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (fund_id, source, source_id)
);
INSERT INTO late_entry
SELECT fund_id, 'facts', fact_id, since, treatment, book_date, asset, quantity, dollars, per_share, known_at_ns FROM staking_late;
DROP TABLE staking_late;
SELECT grant_append_only('late_entry');

-- What waits of days before the one published last is a further version: few among many.
CREATE INDEX nav_further_versions ON nav (fund_id, valuation_date) WHERE version > 1;
