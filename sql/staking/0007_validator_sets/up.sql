-- The validators of a chain at one final state, for plans to choose among, and every slash of theirs that was seen. Only ever
-- added to. Amounts are whole coins.
CREATE TABLE validator_set (
  fund_id text NOT NULL CHECK (fund_id <> ''),
  source text NOT NULL CHECK (source <> ''),
  asset text NOT NULL CHECK (asset <> ''),
  as_of_ns bigint NOT NULL,
  height numeric(20, 0) NOT NULL CHECK (height >= 0),
  root text NOT NULL,
  bonded numeric NOT NULL CHECK (bonded >= 0),
  annual_provisions numeric CHECK (annual_provisions >= 0), -- null: the chain does not say what it mints
  community_tax numeric NOT NULL CHECK (community_tax BETWEEN 0 AND 1),
  history_from numeric(20, 0) NOT NULL CHECK (history_from >= 0),
  history_since_ns bigint NOT NULL CHECK (history_since_ns <= as_of_ns),
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (fund_id, source, height),
  CHECK (history_from <= height)
);
CREATE TABLE validator_record (
  fund_id text NOT NULL,
  source text NOT NULL,
  height numeric(20, 0) NOT NULL,
  validator text NOT NULL CHECK (validator <> ''),
  consensus_address text NOT NULL,
  name text NOT NULL, -- as its operator calls it
  status text NOT NULL CHECK (status <> ''),
  jailed boolean NOT NULL,
  tombstoned boolean NOT NULL,
  tokens numeric NOT NULL CHECK (tokens >= 0),
  commission numeric NOT NULL CHECK (commission BETWEEN 0 AND 1),
  signed_window numeric(20, 0) CHECK (signed_window >= 0), -- null: the chain keeps no signing info of it
  missed_blocks numeric(20, 0) NOT NULL CHECK (missed_blocks >= 0),
  signing_since numeric(20, 0) NOT NULL CHECK (signing_since >= 0),
  observed_since_ns bigint NOT NULL,
  slashes_to numeric(20, 0) NOT NULL CHECK (slashes_to BETWEEN 0 AND height), -- 0: its slashes were not read
  PRIMARY KEY (fund_id, source, height, validator),
  FOREIGN KEY (fund_id, source, height) REFERENCES validator_set
);
-- after_height: it was not there yet; by_height: it was.
CREATE TABLE validator_slash (
  fund_id text NOT NULL,
  source text NOT NULL,
  validator text NOT NULL CHECK (validator <> ''),
  period numeric(20, 0) NOT NULL CHECK (period >= 0),
  fraction numeric NOT NULL CHECK (fraction BETWEEN 0 AND 1),
  after_height numeric(20, 0) NOT NULL,
  by_height numeric(20, 0) NOT NULL CHECK (by_height > after_height),
  seen_at_height numeric(20, 0) NOT NULL CHECK (seen_at_height >= by_height), -- of the set that has it first
  PRIMARY KEY (fund_id, source, validator, period),
  FOREIGN KEY (fund_id, source, seen_at_height) REFERENCES validator_set
);
SELECT grant_append_only('validator_set', 'validator_record', 'validator_slash');
