-- Trades as venues reported them, the indices under review, and every rate ever struck with its evidence.
-- Times are nanoseconds since 1970; hashes are SHA-256. Nothing here is ever changed: what is learned later is a new row.
-- @include common/tables.sql

-- Index files as reviewed. An index whose file changed has a further version; rates name the one that made them.
CREATE TABLE index_definition (
  index_id text NOT NULL CHECK (index_id <> ''),
  version integer NOT NULL CHECK (version > 0),
  toml text NOT NULL,
  hash bytea NOT NULL CHECK (octet_length(hash) = 32),
  known_at_ns bigint NOT NULL,
  actor text NOT NULL CHECK (actor <> ''),
  PRIMARY KEY (index_id, version)
);
SELECT grant_append_only('index_definition');

-- One row a file that was read. The same bytes read in the same way are the same import.
CREATE TABLE trade_import (
  import_id uuid NOT NULL PRIMARY KEY,
  file_name text NOT NULL,
  format text NOT NULL,
  venue text NOT NULL DEFAULT '',
  pair text NOT NULL DEFAULT '',
  hash bytea NOT NULL CHECK (octet_length(hash) = 32),
  rows_read bigint NOT NULL CHECK (rows_read >= 0),
  rows_rejected bigint NOT NULL CHECK (rows_rejected >= 0),
  trades_new bigint NOT NULL CHECK (trades_new >= 0),
  rejected text NOT NULL,
  known_at_ns bigint NOT NULL,
  actor text NOT NULL CHECK (actor <> ''),
  has_rows_ahead boolean NOT NULL, -- rows were rejected for being ahead of the clock: the file may come again
  CHECK (rows_rejected + trades_new <= rows_read)
);
CREATE UNIQUE INDEX trade_import_once ON trade_import (hash, format, venue, pair) WHERE NOT has_rows_ahead;
SELECT grant_append_only('trade_import');

-- Keyed by pair and time. Rows with an id that contradict each other all stay: the rate rejects them. Rows without an id
-- are told apart by their occurrence: the n-th such row of one file is the n-th of another that overlaps it.
CREATE TABLE trade (
  pair text NOT NULL CHECK (pair <> ''),
  time_ns bigint NOT NULL,
  venue text NOT NULL CHECK (venue <> ''),
  trade_id text NOT NULL,
  price numeric NOT NULL CHECK (price > 0),
  size numeric NOT NULL CHECK (size > 0),
  occurrence integer NOT NULL CHECK (occurrence >= 0),
  received_ns bigint,
  import_id uuid NOT NULL REFERENCES trade_import DEFERRABLE INITIALLY DEFERRED,
  line bigint NOT NULL,
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (pair, time_ns, venue, trade_id, price, size, occurrence),
  CHECK (trade_id = '' OR occurrence = 0)
);
CREATE INDEX trade_by_id ON trade (pair, venue, trade_id) WHERE trade_id <> '';
SELECT grant_append_only('trade');

-- Where COPY puts the rows of a file before those that are new are taken over, in one transaction: always empty to others.
CREATE UNLOGGED TABLE trade_incoming (
  import_id uuid NOT NULL,
  pair text NOT NULL,
  time_ns bigint NOT NULL,
  venue text NOT NULL,
  trade_id text NOT NULL,
  price numeric NOT NULL,
  size numeric NOT NULL,
  occurrence integer NOT NULL,
  received_ns bigint,
  line bigint NOT NULL
);
SELECT grant_removable('trade_incoming');

-- A rate with everything that it came from. Other inputs make a further version beside the old one.
CREATE TABLE rate (
  index_id text NOT NULL,
  date date NOT NULL,
  version integer NOT NULL CHECK (version > 0),
  definition_version integer NOT NULL,
  method text NOT NULL CHECK (method <> ''),
  status text NOT NULL CHECK (status IN ('ok', 'previous', 'failed')),
  value text,
  unrounded text,
  strike_ns bigint NOT NULL,
  trade_hash bytea NOT NULL CHECK (octet_length(trade_hash) = 32),
  input_hash bytea NOT NULL CHECK (octet_length(input_hash) = 32),
  document text NOT NULL,
  rejected text NOT NULL,
  known_at_ns bigint NOT NULL,
  actor text NOT NULL CHECK (actor <> ''),
  PRIMARY KEY (index_id, date, version),
  FOREIGN KEY (index_id, definition_version) REFERENCES index_definition,
  CHECK ((value IS NULL) = (status = 'failed')),
  CHECK ((unrounded IS NULL) = (status <> 'ok')),
  CHECK (known_at_ns >= strike_ns)
);
SELECT grant_append_only('rate');
