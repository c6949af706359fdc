-- Reconciliations of books, custodians and chains, the breaks that they found, and what people did about them. Only added to.

CREATE TABLE reconciliation (
  fund_id text NOT NULL CHECK (fund_id <> ''),
  recon_date date NOT NULL,
  number integer NOT NULL CHECK (number > 0), -- of a day the highest counts
  at_ns bigint NOT NULL,                      -- the valuation point
  document text NOT NULL,                     -- canonical JSON: what was compared and what was found
  document_sha256 bytea NOT NULL CHECK (document_sha256 = sha256(convert_to(document, 'UTF8'))),
  actor text NOT NULL CHECK (actor <> ''),
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (fund_id, recon_date, number)
);

CREATE TABLE break_sighting (
  fund_id text NOT NULL CHECK (fund_id <> ''),
  break_id text NOT NULL CHECK (break_id ~ '^[0-9a-f]{16}$'), -- of its key
  recon_date date NOT NULL,
  number integer NOT NULL,
  key text NOT NULL CHECK (key <> ''),
  asset text NOT NULL CHECK (asset <> ''),
  place text NOT NULL,
  level text NOT NULL CHECK (level IN ('total', 'state', 'chain')),
  type text NOT NULL CHECK (type IN ('timing', 'missing', 'duplicate', 'amount', 'fee', 'unknown')),
  amount numeric NOT NULL CHECK (amount <> 0),
  dollars numeric,
  is_over_tolerance boolean NOT NULL,
  is_self_explained boolean NOT NULL CHECK (type = 'timing' OR NOT is_self_explained),
  detail text NOT NULL,
  PRIMARY KEY (fund_id, break_id, recon_date, number),
  FOREIGN KEY (fund_id, recon_date, number) REFERENCES reconciliation
);
CREATE INDEX break_sighting_of ON break_sighting (fund_id, recon_date, number);

CREATE TABLE break_act (
  fund_id text NOT NULL CHECK (fund_id <> ''),
  break_id text NOT NULL CHECK (break_id ~ '^[0-9a-f]{16}$'),
  seq integer NOT NULL CHECK (seq > 0),
  kind text NOT NULL CHECK (kind IN ('assigned', 'commented', 'resolved', 'confirmed')),
  actor text NOT NULL CHECK (actor <> ''),
  known_at_ns bigint NOT NULL,
  body text NOT NULL CHECK (kind = 'confirmed' OR body <> ''),
  -- Of a resolution: where it can be seen, and the difference that it explains.
  evidence text CHECK (evidence <> ''),
  type text,
  amount numeric,
  -- Of a confirmation: the resolution, by another person.
  of_seq integer,
  resolved_by text,
  client text NOT NULL CHECK (client <> ''),
  request_key text NOT NULL CHECK (request_key <> ''),
  PRIMARY KEY (fund_id, break_id, seq),
  UNIQUE (fund_id, break_id, seq, actor),
  UNIQUE (fund_id, client, request_key),
  CHECK ((kind = 'resolved') = (evidence IS NOT NULL AND type IS NOT NULL AND amount IS NOT NULL)),
  CHECK ((kind = 'confirmed') = (of_seq IS NOT NULL AND resolved_by IS NOT NULL)),
  CONSTRAINT confirmed_by_another CHECK (resolved_by <> actor),
  FOREIGN KEY (fund_id, break_id, of_seq, resolved_by) REFERENCES break_act (fund_id, break_id, seq, actor)
);
SELECT grant_append_only('reconciliation', 'break_sighting', 'break_act');
