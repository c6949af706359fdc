-- What every service's schema has: included by its first migration. A scope is a fund's id, or 'shared' for what belongs
-- to no fund; it leads the keys, so that these tables can be spread by fund like the others.

-- Requests that took effect once and are answered alike ever after (common/db/idempotency.h).
CREATE TABLE idempotency (
  client text NOT NULL CHECK (client <> ''),
  key text NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
  request_hash bytea NOT NULL CHECK (octet_length(request_hash) = 32),
  known_at_ns bigint NOT NULL,
  status integer,
  body text,
  PRIMARY KEY (client, key),
  CHECK ((status IS NULL) = (body IS NULL))
);
SELECT grant_append_only('idempotency');
-- The answer is written once, after the claim, in the same transaction.
GRANT UPDATE (status, body) ON idempotency TO @ROLE@;

-- Facts that others react to (common/db/outbox.h).
CREATE TABLE outbox_head (
  scope text PRIMARY KEY CHECK (scope <> ''),
  seq bigint NOT NULL CHECK (seq > 0)
);
CREATE TABLE outbox (
  scope text NOT NULL REFERENCES outbox_head,
  seq bigint NOT NULL CHECK (seq > 0),
  kind text NOT NULL CHECK (kind <> ''),
  body text NOT NULL,
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (scope, seq)
);
CREATE TABLE outbox_cursor (
  scope text NOT NULL CHECK (scope <> ''),
  source text NOT NULL CHECK (source <> ''),
  seq bigint NOT NULL CHECK (seq > 0),
  PRIMARY KEY (scope, source)
);
SELECT grant_append_only('outbox');
SELECT grant_changeable('outbox_head', 'outbox_cursor');

-- The audit log: a chain of records per scope (common/db/audit.h).
CREATE TABLE audit_head (
  scope text PRIMARY KEY CHECK (scope <> ''),
  seq bigint NOT NULL CHECK (seq >= 0),
  hash bytea NOT NULL CHECK (octet_length(hash) = 32)
);
CREATE TABLE audit (
  scope text NOT NULL REFERENCES audit_head,
  seq bigint NOT NULL CHECK (seq > 0),
  actor text NOT NULL CHECK (actor <> ''),
  known_at_ns bigint NOT NULL,
  kind text NOT NULL CHECK (kind <> ''),
  payload text NOT NULL,
  hash bytea NOT NULL CHECK (octet_length(hash) = 32),
  PRIMARY KEY (scope, seq)
);
SELECT grant_append_only('audit');
SELECT grant_changeable('audit_head');

-- Work that must happen once, with its fencing token (common/db/lease.h).
CREATE TABLE lease (
  scope text NOT NULL CHECK (scope <> ''),
  name text NOT NULL CHECK (name <> ''),
  holder text NOT NULL,
  token bigint NOT NULL CHECK (token > 0),
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (scope, name)
);
SELECT grant_changeable('lease');
