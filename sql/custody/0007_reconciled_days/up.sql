-- What became of each valuation day that is reconciled without a person: a row whenever its state changes. Only added to.
CREATE TABLE reconciled_day (
  fund_id text NOT NULL CHECK (fund_id <> ''),
  recon_date date NOT NULL,
  seq integer NOT NULL CHECK (seq > 0),
  state text NOT NULL CHECK (state IN ('not_valued', 'waiting', 'failed', 'done')),
  detail text NOT NULL,
  number integer, -- of its reconciliation
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (fund_id, recon_date, seq),
  CHECK ((state = 'done') = (number IS NOT NULL)),
  FOREIGN KEY (fund_id, recon_date, number) REFERENCES reconciliation
);
-- A day is done once.
CREATE UNIQUE INDEX reconciled_day_once ON reconciled_day (fund_id, recon_date) WHERE state = 'done';
SELECT grant_append_only('reconciled_day');
