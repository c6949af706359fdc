-- Dealing joined with what stands around it: orders that were dealt at a NAV that was restated since, portfolio
-- composition files as they were published, trades for orders. Facts are append-only.

-- What is owed for a NAV error by its orders: proposed by one person, decided on by another.
CREATE TABLE order_repricing (
  fund_id text NOT NULL REFERENCES dealing_head,
  number integer NOT NULL CHECK (number > 0),
  content text NOT NULL CHECK (content <> ''),  -- canonical JSON: each order's effect, what is netted, who pays it
  content_hash bytea NOT NULL CHECK (octet_length(content_hash) = 32),
  proposed_by text NOT NULL CHECK (proposed_by <> ''),
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (fund_id, number),
  UNIQUE (fund_id, number, proposed_by)  -- so that a decision can carry the proposer's name
);
CREATE TABLE order_repricing_decision (
  fund_id text NOT NULL,
  number integer NOT NULL,
  proposed_by text NOT NULL,
  is_approved boolean NOT NULL,
  decided_by text NOT NULL CHECK (decided_by <> ''),
  booked_on date,  -- of an approved one
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (fund_id, number),
  UNIQUE (fund_id, number, is_approved),
  FOREIGN KEY (fund_id, number, proposed_by) REFERENCES order_repricing (fund_id, number, proposed_by),
  CHECK (is_approved = (booked_on IS NOT NULL)),
  CONSTRAINT nobody_approves_their_own_repricing CHECK (NOT is_approved OR decided_by <> proposed_by)
);
-- Each order once a version of its NAV: the key. An order of dealing must have been priced, a version approved, and
-- published where the order is dealt anew at it: the foreign keys.
CREATE TABLE order_repriced (
  fund_id text NOT NULL,
  order_name text NOT NULL CHECK (order_name <> ''),  -- as reports name it
  valuation_date date NOT NULL,
  version integer NOT NULL,
  number integer NOT NULL,
  is_approved boolean NOT NULL CHECK (is_approved),
  order_id text,               -- of dealing's own
  treatment text NOT NULL CHECK (treatment IN ('netted', 'reprocessed')),
  published_version integer CHECK (published_version = version),
  effect numeric NOT NULL CHECK (effect <> 0),
  PRIMARY KEY (fund_id, order_name, valuation_date, version),
  FOREIGN KEY (fund_id, number, is_approved) REFERENCES order_repricing_decision (fund_id, number, is_approved),
  FOREIGN KEY (fund_id, order_id) REFERENCES order_price,
  FOREIGN KEY (fund_id, valuation_date, version) REFERENCES nav_approval,
  FOREIGN KEY (fund_id, valuation_date, published_version) REFERENCES nav_publication,
  CONSTRAINT dealt_anew_at_what_is_published
    CHECK (treatment <> 'reprocessed' OR (published_version IS NOT NULL AND order_id IS NOT NULL))
);

ALTER TABLE order_event DROP CONSTRAINT order_event_event_check;
ALTER TABLE order_event ADD CONSTRAINT order_event_event_check
  CHECK (event IN ('placed', 'accepted', 'rejected', 'cancelled', 'execution', 'cash_in_lieu', 'priced', 'settled',
                   'failed', 'collateral_received', 'collateral_returned', 'closed_out', 'repriced'));

SELECT grant_append_only('order_repricing', 'order_repricing_decision', 'order_repriced');

-- The portfolio composition file of a day, byte for byte as it was published: an estimate on the evening before, final by
-- the day's own NAV, again when that was restated. It stands on a published NAV: the foreign key.
CREATE TABLE portfolio_composition (
  fund_id text NOT NULL,
  trade_date date NOT NULL,
  number integer NOT NULL CHECK (number > 0),
  status text NOT NULL CHECK (status IN ('estimate', 'final')),
  valuation_date date NOT NULL,
  version integer NOT NULL,
  content text NOT NULL CHECK (content <> ''),  -- JSON
  content_hash bytea NOT NULL CHECK (octet_length(content_hash) = 32),
  csv text NOT NULL CHECK (csv <> ''),          -- the same as records
  csv_hash bytea NOT NULL CHECK (octet_length(csv_hash) = 32),
  published_by text NOT NULL CHECK (published_by <> ''),
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (fund_id, trade_date, number),
  UNIQUE (fund_id, trade_date, content_hash),
  FOREIGN KEY (fund_id, valuation_date, version) REFERENCES nav_publication,
  CONSTRAINT final_by_its_own_nav CHECK ((status = 'final') = (valuation_date = trade_date)),
  CHECK (valuation_date <= trade_date)
);
SELECT grant_append_only('portfolio_composition');

-- A trade for orders names orders that are there; rows of before are left as they are.
ALTER TABLE trade_allocation ADD CONSTRAINT allocated_to_a_known_order
  FOREIGN KEY (fund_id, order_id) REFERENCES dealing_order NOT VALID;
CREATE INDEX trade_allocation_by_order ON trade_allocation (fund_id, order_id);
