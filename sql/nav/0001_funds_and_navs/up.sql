-- Funds and their struck NAVs. All of it is append-only: a changed definition is a new version, a restated NAV will be a
-- new version beside the old, and a NAV's state follows from what was added to it. The books come in 0002.
-- @include common/tables.sql

CREATE TABLE fund (
  fund_id text PRIMARY KEY CHECK (fund_id ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$')
);

CREATE TABLE fund_definition (
  fund_id text NOT NULL REFERENCES fund,
  version integer NOT NULL CHECK (version > 0),
  effective_from date NOT NULL,
  source text NOT NULL CHECK (source <> ''),          -- the reviewed file, byte for byte
  definition text NOT NULL CHECK (definition <> ''),  -- canonical JSON
  definition_hash bytea NOT NULL CHECK (octet_length(definition_hash) = 32),
  applied_by text NOT NULL CHECK (applied_by <> ''),
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (fund_id, version)
);

CREATE TABLE nav (
  fund_id text NOT NULL,
  valuation_date date NOT NULL,
  version integer NOT NULL CHECK (version > 0),
  definition_version integer NOT NULL,
  net_assets numeric NOT NULL,
  shares numeric NOT NULL CHECK (shares > 0),
  nav_per_share numeric NOT NULL,
  document text NOT NULL CHECK (document <> ''),  -- canonical JSON: equal inputs give equal bytes
  document_hash bytea NOT NULL CHECK (octet_length(document_hash) = 32),
  inputs text NOT NULL CHECK (inputs <> ''),      -- canonical JSON of everything that was resolved
  inputs_hash bytea NOT NULL CHECK (octet_length(inputs_hash) = 32),
  struck_by text NOT NULL CHECK (struck_by <> ''),
  struck_at_ns bigint NOT NULL,
  PRIMARY KEY (fund_id, valuation_date, version),
  UNIQUE (fund_id, valuation_date, version, struck_by),  -- so that an approval can carry the striker's name
  FOREIGN KEY (fund_id, definition_version) REFERENCES fund_definition (fund_id, version)
);

CREATE TABLE nav_check (
  fund_id text NOT NULL,
  valuation_date date NOT NULL,
  version integer NOT NULL,
  name text NOT NULL CHECK (name <> ''),
  position integer NOT NULL,
  status text NOT NULL CHECK (status IN ('passed', 'failed', 'unavailable')),
  detail text NOT NULL,
  PRIMARY KEY (fund_id, valuation_date, version, name),
  FOREIGN KEY (fund_id, valuation_date, version) REFERENCES nav
);

-- Two people, neither of them the striker, may set a failed check aside.
CREATE TABLE nav_override (
  fund_id text NOT NULL,
  valuation_date date NOT NULL,
  version integer NOT NULL,
  name text NOT NULL,
  struck_by text NOT NULL,
  overridden_by text NOT NULL CHECK (overridden_by <> ''),
  reason text NOT NULL CHECK (reason <> ''),
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (fund_id, valuation_date, version, name, overridden_by),
  FOREIGN KEY (fund_id, valuation_date, version, name) REFERENCES nav_check,
  FOREIGN KEY (fund_id, valuation_date, version, struck_by)
    REFERENCES nav (fund_id, valuation_date, version, struck_by),
  CONSTRAINT striker_does_not_override CHECK (overridden_by <> struck_by)
);

-- Nobody approves what they struck: the striker's name comes along through the foreign key, so the check is on it.
CREATE TABLE nav_approval (
  fund_id text NOT NULL,
  valuation_date date NOT NULL,
  version integer NOT NULL,
  struck_by text NOT NULL,
  approved_by text NOT NULL CHECK (approved_by <> ''),
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (fund_id, valuation_date, version),
  FOREIGN KEY (fund_id, valuation_date, version, struck_by)
    REFERENCES nav (fund_id, valuation_date, version, struck_by),
  CONSTRAINT approver_is_not_the_striker CHECK (approved_by <> struck_by)
);

SELECT grant_append_only('fund', 'fund_definition', 'nav', 'nav_check', 'nav_override', 'nav_approval');
