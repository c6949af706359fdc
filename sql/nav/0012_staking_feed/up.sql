-- The staking service's events as nav took them, what each left in the books, and up to which final state a NAV's day has
-- them. The facts themselves are fund_fact's.

-- As staking told it, once. Heights are slots or blocks: whole, up to 2^64 - 1.
CREATE TABLE staking_event (
  fund_id text NOT NULL REFERENCES policy_head,
  event_id text NOT NULL CHECK (event_id <> ''),
  chain text NOT NULL CHECK (chain <> ''),
  source text NOT NULL CHECK (source <> ''),
  place text NOT NULL CHECK (place <> ''),
  asset text NOT NULL CHECK (asset <> ''),
  kind text NOT NULL CHECK (kind <> ''),
  amount numeric NOT NULL CHECK (amount >= 0),  -- whole coins
  height numeric(20, 0) NOT NULL CHECK (height >= 0),
  at_ns bigint NOT NULL,
  detail text NOT NULL,
  told_at_ns bigint NOT NULL,   -- when staking learned it
  known_at_ns bigint NOT NULL,  -- when nav did
  PRIMARY KEY (fund_id, event_id)
);
CREATE INDEX staking_event_told ON staking_event (fund_id, told_at_ns);

-- What is kept and not yet booked: a row goes in the transaction that books its event.
CREATE TABLE staking_waiting (
  fund_id text NOT NULL,
  event_id text NOT NULL,
  PRIMARY KEY (fund_id, event_id),
  FOREIGN KEY (fund_id, event_id) REFERENCES staking_event
);
CREATE TABLE staking_booked (
  fund_id text NOT NULL,
  event_id text NOT NULL,
  valuation_date date NOT NULL,  -- the NAV it belongs to
  fact_id text,                  -- the first that it left; none: nothing
  booked_by text NOT NULL CHECK (booked_by <> ''),
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (fund_id, event_id),
  FOREIGN KEY (fund_id, event_id) REFERENCES staking_event,
  FOREIGN KEY (fund_id, fact_id) REFERENCES fund_fact
);

-- Rewards that are not received when they are booked, in their order: what claims and withdrawals bring in.
CREATE TABLE staking_reward (
  fund_id text NOT NULL,
  reward_id text NOT NULL,
  number bigint NOT NULL CHECK (number > 0),
  source text NOT NULL,
  place text NOT NULL,
  asset text NOT NULL,
  PRIMARY KEY (fund_id, reward_id),
  UNIQUE (fund_id, source, place, asset, number),
  FOREIGN KEY (fund_id, reward_id) REFERENCES fund_fact
);
-- Parts of a smallest unit that stand over to the next reward of a place.
CREATE TABLE staking_carried (
  fund_id text NOT NULL REFERENCES policy_head,
  source text NOT NULL,
  place text NOT NULL,
  asset text NOT NULL,
  reward_type text NOT NULL,
  carried numeric NOT NULL CHECK (carried >= 0),
  PRIMARY KEY (fund_id, source, place, asset, reward_type)
);

-- Where the books stand: the newest of a day and source holds, until the day is struck.
CREATE TABLE staking_cut_off (
  fund_id text NOT NULL REFERENCES policy_head,
  valuation_date date NOT NULL,
  chain text NOT NULL CHECK (chain <> ''),
  source text NOT NULL CHECK (source <> ''),
  at_ns bigint NOT NULL,
  height numeric(20, 0) NOT NULL CHECK (height >= 0),
  root text NOT NULL,
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (fund_id, valuation_date, chain, source, at_ns, height)
);

-- What a struck NAV lacks: under a cent a share it is in the next one, else it is a NAV error.
CREATE TABLE staking_late (
  fund_id text NOT NULL,
  fact_id text NOT NULL,
  since date NOT NULL,  -- the first NAV that lacks it
  treatment text NOT NULL CHECK (treatment IN ('next_strike', 'nav_error')),
  book_date date NOT NULL,
  asset text NOT NULL,
  quantity numeric NOT NULL,  -- whole coins; negative: lost
  dollars numeric NOT NULL,   -- at the price of the NAV it belongs to
  per_share numeric NOT NULL, -- of all late facts of that booking, on the NAV that they move most
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (fund_id, fact_id),
  FOREIGN KEY (fund_id, fact_id) REFERENCES fund_fact
);
SELECT grant_append_only('staking_event', 'staking_waiting', 'staking_booked', 'staking_reward', 'staking_cut_off', 'staking_late');
SELECT grant_changeable('staking_carried');
GRANT DELETE ON staking_waiting TO @ROLE@;
