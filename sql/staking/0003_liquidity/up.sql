-- Liquidity tests with all that they were made from, and breaches of the illiquid limit that no acquisition caused. Only ever
-- added to. inputs and answer are JSON; the figures beside them are what the answer says.
CREATE TABLE liquidity_test (
  fund_id text NOT NULL CHECK (fund_id <> ''),
  taken_at_ns bigint NOT NULL,
  inputs text NOT NULL,
  inputs_hash bytea NOT NULL CHECK (inputs_hash = sha256(convert_to(inputs, 'UTF8'))),
  regime text NOT NULL CHECK (regime IN ('ICA_1940', 'ETP_1933')),
  standing text NOT NULL CHECK (standing IN ('within', 'above_illiquid', 'below_readily_covered', 'below_readily')),
  net_assets numeric NOT NULL CHECK (net_assets > 0),
  illiquid numeric NOT NULL CHECK (illiquid >= 0),
  answer text NOT NULL,
  actor text NOT NULL CHECK (actor <> ''),
  PRIMARY KEY (fund_id, taken_at_ns, inputs_hash)
);

-- One breach after the other: the next begins where the one before it was cured. The first event is its opening, the last a cure.
CREATE TABLE breach_event (
  fund_id text NOT NULL CHECK (fund_id <> ''),
  breach integer NOT NULL CHECK (breach > 0),
  seq integer NOT NULL CHECK (seq > 0),
  previous integer CHECK (previous = seq - 1),
  previous_kind text CHECK (previous_kind <> 'cured'),
  kind text NOT NULL CHECK (kind IN ('opened', 'measured', 'board_notified', 'form_filed', 'plan_recorded', 'cured')),
  at_ns bigint NOT NULL,
  text text NOT NULL CHECK (text <> ''),
  actor text NOT NULL CHECK (actor <> ''),
  PRIMARY KEY (fund_id, breach, seq),
  UNIQUE (fund_id, breach, seq, kind),
  CHECK ((seq = 1) = (kind = 'opened')),
  CHECK ((seq = 1) = (previous IS NULL) AND (previous IS NULL) = (previous_kind IS NULL)),
  FOREIGN KEY (fund_id, breach, previous, previous_kind) REFERENCES breach_event (fund_id, breach, seq, kind)
);
-- A notice is given once.
CREATE UNIQUE INDEX one_notice_a_breach ON breach_event (fund_id, breach, kind) WHERE kind IN ('opened', 'board_notified', 'form_filed', 'cured');
SELECT grant_append_only('liquidity_test', 'breach_event');
