-- What stakes yield and how long the chains' queues are, as it was taken after each reading. Only ever added to: the measure
-- of a day that was known last is the one that counts, and inputs_hash says which stakes and income it was made from.
CREATE TABLE measure (
  fund_id text NOT NULL CHECK (fund_id <> ''),
  asset text NOT NULL CHECK (asset <> ''),
  day date NOT NULL, -- UTC, of to_ns
  -- One position, or all of the asset's together: then all three are empty.
  chain text NOT NULL CHECK (chain IN ('', 'ethereum', 'cronos_pos', 'custodian', 'liquid')),
  source text NOT NULL,
  place text NOT NULL,
  window_days integer NOT NULL CHECK (window_days IN (0, 1, 7, 30, 365)),  -- 0: since the stake is known
  from_ns bigint NOT NULL,
  to_ns bigint NOT NULL CHECK (to_ns > from_ns),
  inputs_hash bytea NOT NULL CHECK (octet_length(inputs_hash) = 32), -- over the stakes and income of the history
  refusal text NOT NULL, -- why there is no figure; empty: there is one
  income numeric, -- whole coins; below zero: lost
  mean_stake numeric,
  period_return numeric,
  apr_365 numeric,
  apr_365_25 numeric,
  apy_365 numeric,
  apy_365_25 numeric,
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (fund_id, asset, day, chain, source, place, window_days, to_ns, inputs_hash),
  CHECK (day = DATE '1970-01-01' + floor(to_ns / 86400000000000.0)::integer),
  CHECK ((chain = '') = (source = '') AND (source = '') = (place = '')),
  CHECK (num_nulls(income, mean_stake, period_return, apr_365, apr_365_25, apy_365, apy_365_25) = CASE WHEN refusal = '' THEN 0 ELSE 7 END)
);

-- A queue of a chain, as one state told it. figures: JSON, text by name, what a forecast for one position needs.
CREATE TABLE queue_reading (
  fund_id text NOT NULL CHECK (fund_id <> ''),
  chain text NOT NULL CHECK (chain IN ('ethereum', 'cronos_pos', 'custodian', 'liquid')),
  source text NOT NULL CHECK (source <> ''),
  name text NOT NULL CHECK (name <> ''),
  as_of_ns bigint NOT NULL,
  height numeric(20, 0) NOT NULL CHECK (height >= 0),
  root text NOT NULL,
  wait_seconds bigint CHECK (wait_seconds >= 0), -- null: nothing passes
  figures text NOT NULL CHECK (jsonb_typeof(figures::jsonb) = 'object'),
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (fund_id, chain, source, name, as_of_ns, height)
);
-- What a validator was asked to do between two states and did, out of the reward answers. Amounts in Gwei.
CREATE TABLE duty (
  fund_id text NOT NULL CHECK (fund_id <> ''),
  source text NOT NULL CHECK (source <> ''),
  place text NOT NULL CHECK (place <> ''),
  from_height numeric(20, 0) NOT NULL CHECK (from_height >= 0),
  from_ns bigint NOT NULL,
  to_height numeric(20, 0) NOT NULL CHECK (to_height > from_height),
  to_ns bigint NOT NULL CHECK (to_ns > from_ns),
  effective_gwei numeric(20, 0) NOT NULL CHECK (effective_gwei >= 0), -- at to_height
  attestations_assigned numeric(20, 0) NOT NULL,
  attestations_missed numeric(20, 0) NOT NULL CHECK (attestations_missed BETWEEN 0 AND attestations_assigned),
  proposals_made numeric(20, 0) NOT NULL CHECK (proposals_made >= 0),
  sync_slots_assigned numeric(20, 0) NOT NULL,
  sync_slots_missed numeric(20, 0) NOT NULL CHECK (sync_slots_missed BETWEEN 0 AND sync_slots_assigned),
  attestation_rewards numeric(38, 0) NOT NULL CHECK (attestation_rewards >= 0),
  attestation_penalties numeric(38, 0) NOT NULL CHECK (attestation_penalties <= 0),
  attestation_ideal numeric(38, 0) NOT NULL CHECK (attestation_ideal >= 0),
  proposal_rewards numeric(38, 0) NOT NULL CHECK (proposal_rewards >= 0),
  sync_rewards numeric(38, 0) NOT NULL,
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (fund_id, source, place, from_height, to_height)
);
CREATE INDEX duty_to ON duty (fund_id, to_ns);
SELECT grant_append_only('measure', 'queue_reading', 'duty');
