-- What chains and custodians said about a fund's staked coins, and what was concluded. Every table here is only ever added to.
-- @include common/tables.sql

CREATE TABLE sync_run (
  fund_id text NOT NULL CHECK (fund_id <> ''),
  source text NOT NULL CHECK (source <> ''),
  started_at_ns bigint NOT NULL,
  ended_at_ns bigint NOT NULL CHECK (ended_at_ns >= started_at_ns),
  outcome text NOT NULL CHECK (outcome IN ('done', 'partly', 'failed')),
  detail text NOT NULL,
  known_at_ns bigint NOT NULL,
  actor text NOT NULL CHECK (actor <> ''),
  PRIMARY KEY (fund_id, source, started_at_ns),
  CHECK ((outcome = 'done') = (detail = ''))
);

-- Bodies as they came, once each.
CREATE TABLE raw_body (
  fund_id text NOT NULL CHECK (fund_id <> ''),
  sha256 bytea NOT NULL CHECK (sha256 = sha256(body)),
  body bytea NOT NULL,
  PRIMARY KEY (fund_id, sha256)
);
CREATE TABLE raw_answer (
  fund_id text NOT NULL CHECK (fund_id <> ''),
  source text NOT NULL CHECK (source <> ''),
  started_at_ns bigint NOT NULL,
  position integer NOT NULL CHECK (position >= 0),
  request text NOT NULL,
  sha256 bytea NOT NULL,
  PRIMARY KEY (fund_id, source, started_at_ns, position),
  FOREIGN KEY (fund_id, source, started_at_ns) REFERENCES sync_run,
  FOREIGN KEY (fund_id, sha256) REFERENCES raw_body
);

-- All positions of one source at one state. Heights are slots or blocks: whole, up to 2^64 - 1.
CREATE TABLE position_reading (
  fund_id text NOT NULL CHECK (fund_id <> ''),
  chain text NOT NULL CHECK (chain IN ('ethereum', 'cronos_pos', 'custodian', 'liquid')),
  source text NOT NULL CHECK (source <> ''),
  as_of_ns bigint NOT NULL,
  height numeric(20, 0) NOT NULL CHECK (height >= 0),
  root text NOT NULL,
  finalized boolean NOT NULL,
  raw_sha256 bytea NOT NULL CHECK (octet_length(raw_sha256) = 32),
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (fund_id, chain, source, as_of_ns, height, raw_sha256)
);
CREATE TABLE position (
  fund_id text NOT NULL CHECK (fund_id <> ''),
  chain text NOT NULL,
  source text NOT NULL,
  as_of_ns bigint NOT NULL,
  height numeric(20, 0) NOT NULL,
  raw_sha256 bytea NOT NULL,
  place text NOT NULL CHECK (place <> ''),
  asset text NOT NULL CHECK (asset <> ''),
  state text NOT NULL CHECK (state IN ('in_flight', 'pending', 'queued', 'active', 'exiting', 'unbonding', 'withdrawable', 'claimable', 'liquid', 'redeeming', 'contingent')),
  part text NOT NULL,
  amount numeric NOT NULL CHECK (amount >= 0), -- whole coins
  due_at_ns bigint,
  verifiable boolean NOT NULL,
  detail text NOT NULL,
  PRIMARY KEY (fund_id, chain, source, as_of_ns, height, raw_sha256, place, asset, state, part),
  FOREIGN KEY (fund_id, chain, source, as_of_ns, height, raw_sha256) REFERENCES position_reading
);

-- kind: services/staking/domain/staking_event.h, which also says the direction.
CREATE TABLE staking_event (
  fund_id text NOT NULL CHECK (fund_id <> ''),
  id text NOT NULL CHECK (id <> ''),
  chain text NOT NULL CHECK (chain IN ('ethereum', 'cronos_pos', 'custodian', 'liquid')),
  source text NOT NULL CHECK (source <> ''),
  place text NOT NULL CHECK (place <> ''),
  asset text NOT NULL CHECK (asset <> ''),
  kind text NOT NULL CHECK (kind <> ''),
  amount numeric NOT NULL CHECK (amount >= 0), -- whole coins
  at_ns bigint NOT NULL,
  height numeric(20, 0) NOT NULL CHECK (height >= 0),
  root text NOT NULL,
  type_detail text NOT NULL,
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (fund_id, id)
);
CREATE INDEX staking_event_at ON staking_event (fund_id, at_ns);

-- One account of one place between two states. A stored difference is what the domain computed, and never hidden.
CREATE TABLE roll_forward (
  fund_id text NOT NULL CHECK (fund_id <> ''),
  chain text NOT NULL CHECK (chain IN ('ethereum', 'cronos_pos', 'custodian', 'liquid')),
  source text NOT NULL CHECK (source <> ''),
  place text NOT NULL CHECK (place <> ''),
  asset text NOT NULL CHECK (asset <> ''),
  account text NOT NULL CHECK (account IN ('stake', 'pending', 'unbonding', 'claimable', 'liquid')),
  from_height numeric(20, 0) NOT NULL CHECK (from_height >= 0),
  from_root text NOT NULL,
  from_ns bigint NOT NULL,
  to_height numeric(20, 0) NOT NULL,
  to_root text NOT NULL,
  to_ns bigint NOT NULL,
  opening numeric NOT NULL CHECK (opening >= 0),
  closing numeric NOT NULL CHECK (closing >= 0),
  difference numeric NOT NULL,
  content_sha256 bytea NOT NULL CHECK (octet_length(content_sha256) = 32), -- of its lines, as text
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (fund_id, chain, source, place, asset, account, from_ns, to_ns, from_height, to_height, content_sha256),
  CHECK (to_height >= from_height AND to_ns >= from_ns)
);
CREATE INDEX roll_forward_to ON roll_forward (fund_id, to_ns);
CREATE TABLE roll_forward_line (
  fund_id text NOT NULL CHECK (fund_id <> ''),
  chain text NOT NULL,
  source text NOT NULL,
  place text NOT NULL,
  asset text NOT NULL,
  account text NOT NULL,
  from_ns bigint NOT NULL,
  to_ns bigint NOT NULL,
  from_height numeric(20, 0) NOT NULL,
  to_height numeric(20, 0) NOT NULL,
  content_sha256 bytea NOT NULL,
  kind text NOT NULL CHECK (kind <> ''),
  amount numeric NOT NULL CHECK (amount >= 0),
  PRIMARY KEY (fund_id, chain, source, place, asset, account, from_ns, to_ns, from_height, to_height, content_sha256, kind),
  FOREIGN KEY (fund_id, chain, source, place, asset, account, from_ns, to_ns, from_height, to_height, content_sha256) REFERENCES roll_forward
);

-- Parameters of a chain as they held at a height: never assumed, always read.
CREATE TABLE parameter_reading (
  fund_id text NOT NULL CHECK (fund_id <> ''),
  chain text NOT NULL CHECK (chain IN ('ethereum', 'cronos_pos', 'custodian', 'liquid')),
  source text NOT NULL CHECK (source <> ''),
  name text NOT NULL CHECK (name <> ''),
  height numeric(20, 0) NOT NULL CHECK (height >= 0),
  root text NOT NULL,
  at_ns bigint NOT NULL,
  value text NOT NULL,
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (fund_id, chain, source, name, height, value)
);

-- What a person should look at; each once.
CREATE TABLE alert (
  fund_id text NOT NULL CHECK (fund_id <> ''),
  source text NOT NULL CHECK (source <> ''),
  kind text NOT NULL CHECK (kind <> ''),
  subject text NOT NULL,
  detail_sha256 bytea NOT NULL CHECK (octet_length(detail_sha256) = 32),
  detail text NOT NULL,
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (fund_id, source, kind, subject, detail_sha256)
);
SELECT grant_append_only('sync_run', 'raw_body', 'raw_answer', 'position_reading', 'position', 'staking_event', 'roll_forward', 'roll_forward_line',
                         'parameter_reading', 'alert');
