-- Daily closes of equities, and of coins beside them, each with the instant at which it was snapped and the file that said so.
-- A correction is a further row beside the old one: what was known then is shown by known_at.

CREATE TABLE equity_import (
  import_id uuid NOT NULL PRIMARY KEY,
  file_name text NOT NULL,
  hash bytea NOT NULL CHECK (octet_length(hash) = 32),
  shape text NOT NULL CHECK (shape <> ''),
  clock text NOT NULL CHECK (clock <> ''),
  adjustment text NOT NULL CHECK (adjustment IN ('none', 'splits', 'splits_and_dividends')),
  source text NOT NULL CHECK (source <> ''),
  symbol text NOT NULL DEFAULT '', -- of a file of one symbol
  symbols bigint NOT NULL CHECK (symbols >= 0),
  closes_read bigint NOT NULL CHECK (closes_read >= 0),
  closes_new bigint NOT NULL CHECK (closes_new BETWEEN 0 AND closes_read),
  closes_rejected bigint NOT NULL CHECK (closes_rejected >= 0),
  rejected text NOT NULL, -- the first of them, as JSON
  known_at_ns bigint NOT NULL,
  actor text NOT NULL CHECK (actor <> ''),
  UNIQUE (hash, clock, adjustment, source, symbol)
);
SELECT grant_append_only('equity_import');

CREATE TABLE equity_close (
  symbol text NOT NULL CHECK (symbol <> ''),
  source text NOT NULL CHECK (source <> ''),
  clock text NOT NULL CHECK (clock <> ''),
  adjustment text NOT NULL CHECK (adjustment IN ('none', 'splits', 'splits_and_dividends')),
  date date NOT NULL,
  version integer NOT NULL CHECK (version > 0),
  value numeric NOT NULL CHECK (value > 0),
  snapped_at_ns bigint NOT NULL,
  import_id uuid NOT NULL REFERENCES equity_import,
  line bigint NOT NULL,
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (symbol, source, clock, adjustment, date, version)
);
SELECT grant_append_only('equity_close');

-- Where COPY puts the closes of a file before those that say something new are taken over, in one transaction.
CREATE UNLOGGED TABLE equity_incoming (
  import_id uuid NOT NULL,
  symbol text NOT NULL,
  date date NOT NULL,
  value numeric NOT NULL,
  snapped_at_ns bigint NOT NULL,
  line bigint NOT NULL
);
SELECT grant_removable('equity_incoming');

-- Splits, new tickers, new shares after a bankruptcy. The newest version of an action counts; one may be withdrawn.
CREATE TABLE corporate_action (
  kind text NOT NULL CHECK (kind IN ('split', 'ticker_change', 'relisting')),
  symbol text NOT NULL CHECK (symbol <> ''),
  date date NOT NULL,
  version integer NOT NULL CHECK (version > 0),
  to_symbol text NOT NULL DEFAULT '',
  new_shares bigint NOT NULL DEFAULT 0,
  old_shares bigint NOT NULL DEFAULT 0,
  withdrawn boolean NOT NULL DEFAULT false,
  source text NOT NULL CHECK (source <> ''),
  known_at_ns bigint NOT NULL,
  actor text NOT NULL CHECK (actor <> ''),
  PRIMARY KEY (kind, symbol, date, version),
  CHECK ((kind = 'split') = (new_shares > 0 AND old_shares > 0)),
  CHECK ((kind = 'ticker_change') = (to_symbol <> ''))
);
SELECT grant_append_only('corporate_action');
