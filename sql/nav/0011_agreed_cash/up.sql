-- What reading costs must not grow with a fund's life. Views by trade and settlement date find the entries after their day by
-- an index, as those by book date do; wires are found by what they pay.
CREATE INDEX entry_by_trade_date ON entry (fund_id, trade_date);
CREATE INDEX entry_by_settlement_date ON entry (fund_id, settlement_date);
CREATE INDEX wire_by_what_it_pays
  ON cash_proposal (fund_id, (content::jsonb->'pays'->>'source'), (content::jsonb->'pays'->>'id')) WHERE kind = 'wire';

-- Through this day bank and books agreed line by line, with nothing left that a later day could be matched with. A
-- reconciliation begins after the latest one that still holds: the same accounts, and no entry of cash has come since that
-- settles on or before the day.
CREATE TABLE bank_agreement (
  fund_id text NOT NULL REFERENCES cash_head,
  agreed_through date NOT NULL,
  entries bigint NOT NULL CHECK (entries >= 0),    -- the last entry of the journal then
  accounts text NOT NULL CHECK (accounts <> ''),   -- canonical JSON: the approved accounts then
  balance numeric NOT NULL,                        -- dollars at the end of that day, of bank and books alike
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (fund_id, agreed_through, entries)
);
SELECT grant_append_only('bank_agreement');
