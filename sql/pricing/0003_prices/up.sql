-- From rates to the official price of an asset: definitions with effective dates, valuation policies, manual prices, exchange
-- rates of liquid-staking tokens, prices with their determinations, and the place of the strike job.

-- An index file says from which day on (and until which) it holds; a version that came later replaces what was to hold from
-- its first day on.
ALTER TABLE index_definition
  ADD COLUMN effective_from date NOT NULL DEFAULT '0001-01-01',
  ADD COLUMN effective_to date,
  ADD CHECK (effective_to IS NULL OR effective_to >= effective_from);

-- What later writers of an index must see, in one row that they lock: the last day struck (a changed definition begins after
-- it), and the days that the strike job looks after.
CREATE TABLE index_head (
  index_id text NOT NULL PRIMARY KEY CHECK (index_id <> ''),
  struck_until date,
  job_from date,
  job_until date,
  CHECK (job_until IS NULL OR job_from IS NOT NULL)
);
SELECT grant_changeable('index_head');
INSERT INTO index_head (index_id, struck_until)
  SELECT d.index_id, (SELECT max(date) FROM rate r WHERE r.index_id = d.index_id) FROM index_definition d GROUP BY d.index_id;

-- Why a version of a rate was made, and what its trades cover: what the checks of a price ask.
ALTER TABLE rate
  ADD COLUMN cause text NOT NULL DEFAULT 'struck' CHECK (cause IN ('struck', 'restated', 'corrected')),
  ADD COLUMN coverage text NOT NULL DEFAULT '';

-- Valuation policies as reviewed, byte for byte, by asset, with effective dates like an index.
CREATE TABLE valuation_policy (
  asset text NOT NULL CHECK (asset <> ''),
  version integer NOT NULL CHECK (version > 0),
  effective_from date NOT NULL,
  effective_to date,
  toml text NOT NULL,
  hash bytea NOT NULL CHECK (octet_length(hash) = 32),
  known_at_ns bigint NOT NULL,
  actor text NOT NULL CHECK (actor <> ''),
  PRIMARY KEY (asset, version),
  CHECK (effective_to IS NULL OR effective_to >= effective_from)
);
SELECT grant_append_only('valuation_policy');

CREATE TABLE asset_head (
  asset text NOT NULL PRIMARY KEY CHECK (asset <> ''),
  priced_until date,
  job_from date,
  job_until date,
  CHECK (job_until IS NULL OR job_from IS NOT NULL)
);
SELECT grant_changeable('asset_head');

-- A price that a person names, and the second person who approves it: the approval carries the proposer's name.
CREATE TABLE manual_price (
  asset text NOT NULL CHECK (asset <> ''),
  date date NOT NULL,
  number integer NOT NULL CHECK (number > 0),
  value numeric NOT NULL CHECK (value > 0),
  source text NOT NULL CHECK (source <> ''),
  proposed_by text NOT NULL CHECK (proposed_by <> ''),
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (asset, date, number),
  UNIQUE (asset, date, number, proposed_by)
);
CREATE TABLE manual_price_approval (
  asset text NOT NULL,
  date date NOT NULL,
  number integer NOT NULL,
  proposed_by text NOT NULL,
  approved_by text NOT NULL CHECK (approved_by <> ''),
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (asset, date, number),
  FOREIGN KEY (asset, date, number, proposed_by) REFERENCES manual_price (asset, date, number, proposed_by),
  CONSTRAINT manual_price_four_eyes CHECK (approved_by <> proposed_by)
);
SELECT grant_append_only('manual_price', 'manual_price_approval');

-- Coins for one liquid-staking token, as its issuer said at `as_of_ns`.
CREATE TABLE exchange_rate (
  token text NOT NULL CHECK (token <> ''),
  as_of_ns bigint NOT NULL,
  coins_per_token numeric NOT NULL CHECK (coins_per_token > 0),
  source text NOT NULL CHECK (source <> ''),
  answer text NOT NULL,
  known_at_ns bigint NOT NULL,
  actor text NOT NULL CHECK (actor <> ''),
  PRIMARY KEY (token, as_of_ns, coins_per_token, source)
);
SELECT grant_append_only('exchange_rate');

-- The official price of an asset on a date for one act and basis, with everything that it came from. Other inputs make a
-- further version beside the old one.
CREATE TABLE price (
  asset text NOT NULL CHECK (asset <> ''),
  date date NOT NULL,
  act text NOT NULL CHECK (act IN ('ICA_1940', 'ETP_1933')),
  basis text NOT NULL CHECK (basis IN ('fair_value', 'index')),
  version integer NOT NULL CHECK (version > 0),
  policy_version integer NOT NULL,
  value numeric CHECK (value > 0),
  rung text,
  stands boolean NOT NULL,
  valuation_ns bigint NOT NULL,
  input_hash bytea NOT NULL CHECK (octet_length(input_hash) = 32),
  document text NOT NULL,
  known_at_ns bigint NOT NULL,
  actor text NOT NULL CHECK (actor <> ''),
  PRIMARY KEY (asset, date, act, basis, version),
  FOREIGN KEY (asset, policy_version) REFERENCES valuation_policy (asset, version),
  CHECK ((value IS NULL) = (rung IS NULL)),
  CHECK (value IS NOT NULL OR NOT stands),
  -- A fund under the 1940 Act never stands on the price of an earlier day.
  CONSTRAINT price_of_the_day CHECK (NOT (act = 'ICA_1940' AND rung = 'previous' AND stands)),
  CHECK (known_at_ns >= valuation_ns)
);

-- What opened, and then a row a step; a step follows one that determined, so nothing follows an approval.
CREATE TABLE determination (
  asset text NOT NULL,
  date date NOT NULL,
  act text NOT NULL,
  basis text NOT NULL,
  version integer NOT NULL,
  trigger text NOT NULL CHECK (trigger <> ''),
  reason text NOT NULL CHECK (reason <> ''),
  inputs text NOT NULL,
  for_board boolean NOT NULL,
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (asset, date, act, basis, version),
  FOREIGN KEY (asset, date, act, basis, version) REFERENCES price,
  CHECK (for_board OR act <> 'ICA_1940')
);
CREATE TABLE determination_step (
  asset text NOT NULL,
  date date NOT NULL,
  act text NOT NULL,
  basis text NOT NULL,
  version integer NOT NULL,
  step integer NOT NULL CHECK (step > 0),
  kind text NOT NULL CHECK (kind IN ('determined', 'approved')),
  price numeric NOT NULL CHECK (price > 0),
  actor text NOT NULL CHECK (actor <> ''),
  method text NOT NULL CHECK (kind = 'approved' OR method <> ''),
  inputs text NOT NULL,
  for_board boolean NOT NULL,
  known_at_ns bigint NOT NULL,
  before_step integer,
  before_kind text CHECK (before_kind = 'determined'),
  before_price numeric,
  before_actor text,
  PRIMARY KEY (asset, date, act, basis, version, step),
  UNIQUE (asset, date, act, basis, version, step, kind, price, actor),
  FOREIGN KEY (asset, date, act, basis, version) REFERENCES determination,
  FOREIGN KEY (asset, date, act, basis, version, before_step, before_kind, before_price, before_actor)
    REFERENCES determination_step (asset, date, act, basis, version, step, kind, price, actor),
  CONSTRAINT determination_in_order CHECK (
    CASE WHEN step = 1 THEN before_step IS NULL AND kind = 'determined'
         ELSE before_step = step - 1 AND before_kind IS NOT NULL AND before_price IS NOT NULL AND before_actor IS NOT NULL END),
  CONSTRAINT determination_four_eyes CHECK (kind = 'determined' OR (actor <> before_actor AND price = before_price))
);
SELECT grant_append_only('price', 'determination', 'determination_step');
