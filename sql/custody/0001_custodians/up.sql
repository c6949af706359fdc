-- What custodians and chains said about a fund's coins. Every table here is only ever added to.
-- @include common/tables.sql

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
  asked_at_ns bigint NOT NULL,
  operation text NOT NULL CHECK (operation <> ''),
  request text NOT NULL,
  answered_at_ns bigint NOT NULL CHECK (answered_at_ns >= asked_at_ns),
  status integer NOT NULL,
  sha256 bytea NOT NULL,
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (fund_id, source, asked_at_ns, operation, request, sha256),
  FOREIGN KEY (fund_id, sha256) REFERENCES raw_body
);
SELECT grant_append_only('raw_body', 'raw_answer');

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
SELECT grant_append_only('sync_run');

-- Whole coins; null: the source does not speak of it. How amounts lie in one another: services/custody/domain/balance.h.
CREATE TABLE balance (
  fund_id text NOT NULL CHECK (fund_id <> ''),
  source text NOT NULL CHECK (source <> ''),
  account text NOT NULL,
  asset text NOT NULL CHECK (asset <> ''),
  as_of_ns bigint NOT NULL,
  raw_sha256 bytea NOT NULL CHECK (octet_length(raw_sha256) = 32),
  scale integer NOT NULL CHECK (scale BETWEEN 0 AND 38),
  total numeric CHECK (total >= 0 AND scale(total) <= balance.scale),
  held numeric CHECK (held >= 0 AND held <= total),
  available numeric CHECK (available >= 0 AND available <= total),
  staked numeric CHECK (staked >= 0),
  activating numeric CHECK (activating >= 0),
  unbonding numeric CHECK (unbonding >= 0),
  unbonding_entries text NOT NULL, -- JSON: [{"amount":...,"completes_at":...}]
  reserved numeric CHECK (reserved >= 0 AND reserved <= total),
  rewards_pending numeric CHECK (rewards_pending >= 0),
  claimable numeric CHECK (claimable >= 0),
  realised numeric CHECK (realised >= 0),
  staked_in_total text NOT NULL CHECK (staked_in_total IN ('inside', 'apart', 'not_stated')),
  activating_in_staked text NOT NULL CHECK (activating_in_staked IN ('inside', 'apart', 'not_stated')),
  block_height numeric CHECK (block_height >= 0),
  block_hash text,
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (fund_id, source, account, asset, as_of_ns, raw_sha256),
  CHECK (block_hash IS NULL OR block_height IS NOT NULL)
);
SELECT grant_append_only('balance');

-- Versions of what a source's history holds, and which complete answers told them.
CREATE TABLE source_record (
  fund_id text NOT NULL CHECK (fund_id <> ''),
  source text NOT NULL CHECK (source <> ''),
  kind text NOT NULL CHECK (kind <> ''),
  key text NOT NULL CHECK (key <> ''),
  content bytea NOT NULL CHECK (octet_length(content) = 32), -- SHA-256 of document
  at_ns bigint NOT NULL,
  updated_at_ns bigint NOT NULL,
  asset text NOT NULL,
  amount numeric,
  progress text NOT NULL CHECK (progress IN ('unknown', 'under_way', 'failed', 'done')),
  status text NOT NULL,
  document text NOT NULL,
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (fund_id, source, kind, key, content)
);
CREATE INDEX source_record_at ON source_record (fund_id, source, kind, at_ns);
CREATE TABLE source_window (
  fund_id text NOT NULL CHECK (fund_id <> ''),
  source text NOT NULL CHECK (source <> ''),
  kind text NOT NULL CHECK (kind <> ''),
  asked_at_ns bigint NOT NULL,
  from_ns bigint NOT NULL,
  to_ns bigint NOT NULL CHECK (to_ns >= from_ns),
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (fund_id, source, kind, asked_at_ns, from_ns, to_ns)
);
CREATE TABLE source_sighting (
  fund_id text NOT NULL CHECK (fund_id <> ''),
  source text NOT NULL CHECK (source <> ''),
  kind text NOT NULL CHECK (kind <> ''),
  key text NOT NULL,
  content bytea NOT NULL,
  asked_at_ns bigint NOT NULL,
  count integer NOT NULL CHECK (count > 0),
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (fund_id, source, kind, key, content, asked_at_ns),
  FOREIGN KEY (fund_id, source, kind, key, content) REFERENCES source_record
);
SELECT grant_append_only('source_record', 'source_window', 'source_sighting');

-- What a person should look at; each once.
CREATE TABLE alarm (
  fund_id text NOT NULL CHECK (fund_id <> ''),
  source text NOT NULL CHECK (source <> ''),
  kind text NOT NULL CHECK (kind <> ''),
  subject text NOT NULL,
  detail_sha256 bytea NOT NULL CHECK (octet_length(detail_sha256) = 32),
  detail text NOT NULL,
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (fund_id, source, kind, subject, detail_sha256)
);
SELECT grant_append_only('alarm');
