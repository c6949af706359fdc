-- Dealing: authorized participants, their orders and what became of them, what was promised to whom. All of it is only
-- added to, except order_standing (where an order stands now) and coin_reserve (what is promised of what is held), whose
-- checks refuse what no order may do: settle more than it is for, or take coins that another was promised.

-- One row a fund, locked by whoever decides on an order: each decides on what stands after the one before.
CREATE TABLE dealing_head (
  fund_id text PRIMARY KEY REFERENCES fund,
  orders bigint NOT NULL CHECK (orders >= 0)  -- how many were placed
);

CREATE TABLE participant (
  fund_id text NOT NULL REFERENCES dealing_head,
  participant_id text NOT NULL CHECK (participant_id <> ''),
  name text NOT NULL CHECK (name <> ''),
  agreement_from date NOT NULL,
  recorded_by text NOT NULL CHECK (recorded_by <> ''),
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (fund_id, participant_id)
);
CREATE TABLE participant_standing (
  fund_id text NOT NULL,
  participant_id text NOT NULL,
  number integer NOT NULL CHECK (number > 0),
  from_date date NOT NULL,
  is_suspended boolean NOT NULL,
  reason text NOT NULL CHECK (reason <> ''),
  recorded_by text NOT NULL CHECK (recorded_by <> ''),
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (fund_id, participant_id, number),
  FOREIGN KEY (fund_id, participant_id) REFERENCES participant
);

CREATE TABLE dealing_order (
  fund_id text NOT NULL,
  order_id text NOT NULL CHECK (order_id <> ''),
  participant_id text NOT NULL,
  side text NOT NULL CHECK (side IN ('creation', 'redemption')),
  form text NOT NULL CHECK (form IN ('in_kind', 'cash')),
  units numeric NOT NULL,
  trade_date date NOT NULL,
  cycle text NOT NULL CHECK (cycle IN ('T+0', 'T+1')),
  received_at_ns bigint NOT NULL,
  content text NOT NULL CHECK (content <> ''),  -- canonical JSON as it was asked
  content_hash bytea NOT NULL CHECK (octet_length(content_hash) = 32),
  placed_by text NOT NULL CHECK (placed_by <> ''),
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (fund_id, order_id),
  UNIQUE (fund_id, order_id, placed_by),  -- so that an acceptance can carry the placer's name
  UNIQUE (fund_id, order_id, units),      -- and a settlement the size
  FOREIGN KEY (fund_id, participant_id) REFERENCES participant,
  CONSTRAINT whole_creation_units CHECK (units > 0 AND units = trunc(units)),
  CONSTRAINT received_before_it_was_known CHECK (received_at_ns <= known_at_ns)
);
CREATE INDEX dealing_order_by_trade_date ON dealing_order (fund_id, trade_date);

CREATE TABLE order_event (
  fund_id text NOT NULL,
  order_id text NOT NULL,
  number integer NOT NULL CHECK (number > 0),
  event text NOT NULL CHECK (event IN ('placed', 'accepted', 'rejected', 'cancelled', 'execution', 'cash_in_lieu', 'priced',
                                       'settled', 'failed', 'collateral_received', 'collateral_returned', 'closed_out')),
  state text NOT NULL CHECK (state IN ('placed', 'accepted', 'rejected', 'cancelled', 'priced', 'settling', 'failed',
                                       'settled', 'closed_out')),
  event_date date,
  units numeric CHECK (units > 0),
  commodity text,
  amount numeric,
  reason text NOT NULL,
  content text NOT NULL,  -- canonical JSON: the price, funding plans; empty where there is no more to say
  actor text NOT NULL CHECK (actor <> ''),
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (fund_id, order_id, number),
  FOREIGN KEY (fund_id, order_id) REFERENCES dealing_order
);
CREATE UNIQUE INDEX order_decided_once ON order_event (fund_id, order_id) WHERE event IN ('accepted', 'rejected');
CREATE UNIQUE INDEX order_ended_once ON order_event (fund_id, order_id) WHERE event IN ('cancelled', 'priced', 'rejected');
CREATE UNIQUE INDEX order_closed_out_once ON order_event (fund_id, order_id) WHERE event = 'closed_out';

-- Where each order stands, so that open ones are found without reading their events.
CREATE TABLE order_standing (
  fund_id text NOT NULL,
  order_id text NOT NULL,
  trade_date date NOT NULL,
  state text NOT NULL,
  number integer NOT NULL CHECK (number > 0),  -- of the last event
  units numeric NOT NULL,
  settled numeric NOT NULL CHECK (settled >= 0),
  PRIMARY KEY (fund_id, order_id),
  FOREIGN KEY (fund_id, order_id, units) REFERENCES dealing_order (fund_id, order_id, units),
  FOREIGN KEY (fund_id, order_id, number) REFERENCES order_event (fund_id, order_id, number),
  CONSTRAINT an_order_settles_once CHECK (settled <= units)
);
CREATE INDEX order_unpriced ON order_standing (fund_id, trade_date) WHERE state IN ('placed', 'accepted');

-- Nobody accepts what they placed: the placer's name comes along through the foreign key.
CREATE TABLE order_acceptance (
  fund_id text NOT NULL,
  order_id text NOT NULL,
  placed_by text NOT NULL,
  accepted_by text NOT NULL CHECK (accepted_by <> ''),
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (fund_id, order_id),
  FOREIGN KEY (fund_id, order_id, placed_by) REFERENCES dealing_order (fund_id, order_id, placed_by),
  CONSTRAINT acceptor_did_not_place_it CHECK (accepted_by <> placed_by)
);

-- Only an accepted order is priced, only by an approved NAV, and once.
CREATE TABLE order_price (
  fund_id text NOT NULL,
  order_id text NOT NULL,
  valuation_date date NOT NULL,
  version integer NOT NULL,
  book_date date NOT NULL CHECK (book_date > valuation_date),
  settlement_date date NOT NULL CHECK (settlement_date >= valuation_date),
  nav_amount numeric NOT NULL,
  fund_cash numeric NOT NULL,
  price text NOT NULL CHECK (price <> ''),  -- canonical JSON
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (fund_id, order_id),
  FOREIGN KEY (fund_id, order_id) REFERENCES order_acceptance,
  FOREIGN KEY (fund_id, valuation_date, version) REFERENCES nav_approval
);

-- Each part that settled, after how many units: so no unit settles twice.
CREATE TABLE order_settlement (
  fund_id text NOT NULL,
  order_id text NOT NULL,
  settled_before numeric NOT NULL CHECK (settled_before >= 0),
  units numeric NOT NULL CHECK (units > 0),
  order_units numeric NOT NULL,
  settlement_date date NOT NULL,
  settled_by text NOT NULL CHECK (settled_by <> ''),
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (fund_id, order_id, settled_before),
  FOREIGN KEY (fund_id, order_id) REFERENCES order_price,
  FOREIGN KEY (fund_id, order_id, order_units) REFERENCES dealing_order (fund_id, order_id, units),
  CONSTRAINT no_more_settles_than_was_ordered CHECK (settled_before + units <= order_units)
);

-- What is promised of what is held, by commodity (coins whole, USD, the credit line); locked by who promises.
CREATE TABLE coin_reserve (
  fund_id text NOT NULL REFERENCES dealing_head,
  commodity text NOT NULL CHECK (commodity <> ''),
  held numeric NOT NULL,
  reserved numeric NOT NULL CHECK (reserved >= 0),
  PRIMARY KEY (fund_id, commodity),
  CONSTRAINT no_coin_is_promised_twice CHECK (reserved <= held)
);
CREATE TABLE order_reservation (
  fund_id text NOT NULL,
  order_id text NOT NULL,
  commodity text NOT NULL,
  quantity numeric NOT NULL CHECK (quantity > 0),
  PRIMARY KEY (fund_id, order_id, commodity),
  FOREIGN KEY (fund_id, order_id) REFERENCES order_acceptance,
  FOREIGN KEY (fund_id, commodity) REFERENCES coin_reserve
);

SELECT grant_append_only('participant', 'participant_standing', 'dealing_order', 'order_event', 'order_acceptance',
                         'order_price', 'order_settlement', 'order_reservation');
SELECT grant_changeable('dealing_head', 'order_standing', 'coin_reserve');

-- Rebalancing has lines of its own in the roll-forward.
ALTER TABLE coin_flow DROP CONSTRAINT coin_flow_cause_check;
ALTER TABLE coin_flow ADD CONSTRAINT coin_flow_cause_check
  CHECK (cause IN ('opening_lot', 'creation', 'purchase', 'rebalancing_purchase', 'reward', 'receipt', 'sale',
                   'rebalancing_sale', 'redemption', 'expense', 'penalty', 'swap', 'distribution', 'restatement'));
