-- An order's dollars and shares come and go with its settlements: bank and transfer agent are compared with those, each with
-- its day and reference, and with what was due and is open. What reading them costs does not grow with a fund's life.
ALTER TABLE dealing_head ADD COLUMN settlements bigint NOT NULL DEFAULT 0 CHECK (settlements >= 0);
ALTER TABLE order_settlement ADD COLUMN number bigint;  -- of the fund's, in the order in which they were recorded
ALTER TABLE order_settlement ADD COLUMN reference text; -- of custodian or depository; empty: the whole
UPDATE order_settlement s SET number = n.number, reference = coalesce(n.reference, '')
FROM (SELECT s.fund_id, s.order_id, s.settled_before,
             row_number() OVER (PARTITION BY s.fund_id ORDER BY s.known_at_ns, s.order_id, s.settled_before) AS number,
             e.reason AS reference
      FROM (SELECT *, row_number() OVER (PARTITION BY fund_id, order_id ORDER BY settled_before) AS part FROM order_settlement) s
      LEFT JOIN (SELECT fund_id, order_id, reason, row_number() OVER (PARTITION BY fund_id, order_id ORDER BY number) AS part
                 FROM order_event WHERE event = 'settled') e USING (fund_id, order_id, part)) n
WHERE (s.fund_id, s.order_id, s.settled_before) = (n.fund_id, n.order_id, n.settled_before);
UPDATE dealing_head h SET settlements = (SELECT count(*) FROM order_settlement s WHERE s.fund_id = h.fund_id);
ALTER TABLE order_settlement ALTER COLUMN number SET NOT NULL;
ALTER TABLE order_settlement ALTER COLUMN reference SET NOT NULL;
ALTER TABLE order_settlement ADD CONSTRAINT settlements_are_numbered_once UNIQUE (fund_id, number);
ALTER TABLE order_settlement ADD CONSTRAINT settlement_number CHECK (number > 0);
CREATE INDEX order_settlement_by_date ON order_settlement (fund_id, settlement_date);
CREATE INDEX order_open ON order_standing (fund_id) WHERE state IN ('priced', 'settling', 'failed');

-- Several lines may be named for one entry, or for one settlement of an order, whose sum is its.
ALTER TABLE bank_match DROP CONSTRAINT bank_match_fund_id_entry_key;
ALTER TABLE bank_match ADD COLUMN settlement bigint;  -- null: the whole entry
ALTER TABLE bank_match ADD COLUMN position integer NOT NULL DEFAULT 1 CHECK (position > 0);  -- among its lines
ALTER TABLE bank_match ADD CONSTRAINT match_of_a_settlement
  FOREIGN KEY (fund_id, settlement) REFERENCES order_settlement (fund_id, number);
CREATE UNIQUE INDEX named_once ON bank_match (fund_id, entry, (coalesce(settlement, 0)), position);

-- A settlement that is recorded later, of a day through which all agreed, ends the agreement as a late entry does. Those of
-- before were made with each order at its contractual date.
ALTER TABLE bank_agreement ADD COLUMN settlements bigint NOT NULL DEFAULT 0 CHECK (settlements >= 0);
ALTER TABLE bank_agreement DROP CONSTRAINT bank_agreement_pkey;
ALTER TABLE bank_agreement ADD PRIMARY KEY (fund_id, agreed_through, entries, settlements);
DELETE FROM bank_agreement a WHERE EXISTS (SELECT FROM order_price p WHERE p.fund_id = a.fund_id);
