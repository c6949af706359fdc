-- The lines of a reconciliation and the balances that it compared, row by row, so that they can be read page by page
-- whatever their number. The document keeps their counts and hashes. Only added to.

CREATE TABLE reconciliation_line (
  fund_id text NOT NULL CHECK (fund_id <> ''),
  recon_date date NOT NULL,
  number integer NOT NULL,
  line_no integer NOT NULL CHECK (line_no > 0), -- by asset and place
  asset text NOT NULL CHECK (asset <> ''),
  place text NOT NULL,
  status text NOT NULL CHECK (status IN ('agrees', 'tolerated', 'differs', 'unsure', 'not_covered')),
  body text NOT NULL CHECK (body <> ''),        -- JSON; canonical since documents hold no lines of their own
  PRIMARY KEY (fund_id, recon_date, number, line_no),
  UNIQUE (fund_id, recon_date, number, asset, place),
  FOREIGN KEY (fund_id, recon_date, number) REFERENCES reconciliation
);

CREATE TABLE reconciliation_balance (
  fund_id text NOT NULL CHECK (fund_id <> ''),
  recon_date date NOT NULL,
  number integer NOT NULL,
  balance_no integer NOT NULL CHECK (balance_no > 0),
  body text NOT NULL CHECK (body <> ''),
  PRIMARY KEY (fund_id, recon_date, number, balance_no),
  FOREIGN KEY (fund_id, recon_date, number) REFERENCES reconciliation
);

-- What stands in documents made so far; they stay as they are, their hashes are in the audit trail.
INSERT INTO reconciliation_line (fund_id, recon_date, number, line_no, asset, place, status, body)
SELECT fund_id, recon_date, number, nth, line ->> 'asset', line ->> 'place', line ->> 'status', line::text
  FROM reconciliation, jsonb_array_elements(document::jsonb -> 'lines') WITH ORDINALITY AS lines (line, nth);
INSERT INTO reconciliation_balance (fund_id, recon_date, number, balance_no, body)
SELECT fund_id, recon_date, number, nth, balance::text
  FROM reconciliation, jsonb_array_elements(document::jsonb -> 'balances') WITH ORDINALITY AS balances (balance, nth);

-- A break stands at a line: whoever reads a page of lines finds theirs.
ALTER TABLE break_sighting ADD line_no integer;
UPDATE break_sighting s SET line_no = l.line_no FROM reconciliation_line l
 WHERE (l.fund_id, l.recon_date, l.number, l.asset, l.place) = (s.fund_id, s.recon_date, s.number, s.asset, s.place);
ALTER TABLE break_sighting ALTER line_no SET NOT NULL;
ALTER TABLE break_sighting ADD FOREIGN KEY (fund_id, recon_date, number, line_no) REFERENCES reconciliation_line;
DROP INDEX break_sighting_of;
CREATE INDEX break_sighting_at ON break_sighting (fund_id, recon_date, number, line_no);
SELECT grant_append_only('reconciliation_line', 'reconciliation_balance');
