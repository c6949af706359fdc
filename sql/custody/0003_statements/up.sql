-- What an account held and did on a day, as it was known when it was written: whole, hashed, never changed. What is
-- learned later is a further version.
CREATE TABLE statement (
  fund_id text NOT NULL CHECK (fund_id <> ''),
  source text NOT NULL CHECK (source <> ''),
  account text NOT NULL,
  date date NOT NULL, -- a UTC day
  version integer NOT NULL CHECK (version > 0),
  sha256 bytea NOT NULL CHECK (sha256 = sha256(convert_to(document, 'UTF8'))),
  document text NOT NULL, -- canonical JSON
  known_at_ns bigint NOT NULL,
  actor text NOT NULL CHECK (actor <> ''),
  previous_version integer GENERATED ALWAYS AS (nullif(version - 1, 0)) STORED,
  PRIMARY KEY (fund_id, source, account, date, version),
  -- Versions count from 1 without a gap.
  FOREIGN KEY (fund_id, source, account, date, previous_version) REFERENCES statement (fund_id, source, account, date, version)
);
CREATE INDEX statement_hash ON statement (fund_id, sha256);
SELECT grant_append_only('statement');

-- Checked signatures: who could spend from an address at one time. Each once.
CREATE TABLE attestation (
  fund_id text NOT NULL CHECK (fund_id <> ''),
  address text NOT NULL CHECK (address <> ''),
  method text NOT NULL CHECK (method IN ('bip322', 'signmessage', 'eip191', 'adr36')),
  message_sha256 bytea NOT NULL CHECK (message_sha256 = sha256(message)),
  signature_sha256 bytea NOT NULL CHECK (signature_sha256 = sha256(signature)),
  message bytea NOT NULL,
  signature bytea NOT NULL, -- its text as it was given
  use text NOT NULL CHECK (use IN ('not stated', 'segregated', 'omnibus')),
  control text NOT NULL CHECK (control IN ('valid', 'inconclusive', 'invalid')),
  document text NOT NULL, -- the verdict and what it proves and does not, JSON
  verified_at_ns bigint NOT NULL,
  actor text NOT NULL CHECK (actor <> ''),
  PRIMARY KEY (fund_id, address, method, message_sha256, signature_sha256)
);
SELECT grant_append_only('attestation');
