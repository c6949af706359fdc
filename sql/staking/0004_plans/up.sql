-- Staking plans with all that they were made from, and what became of each step at custody's movements. Only ever added to.
CREATE TABLE plan (
  fund_id text NOT NULL CHECK (fund_id <> ''),
  plan_id text NOT NULL CHECK (plan_id <> ''),
  asset text NOT NULL CHECK (asset <> ''),
  inputs text NOT NULL, -- canonical JSON: the liquidity inputs and the request
  inputs_hash bytea NOT NULL CHECK (inputs_hash = sha256(convert_to(inputs, 'UTF8'))),
  answer text NOT NULL,
  proposed_by text NOT NULL CHECK (proposed_by <> ''),
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (fund_id, plan_id)
);

-- One placement. movement_id: under which it is proposed in custody, once; empty: nobody takes it for us, people place it.
CREATE TABLE plan_step (
  fund_id text NOT NULL,
  plan_id text NOT NULL,
  step integer NOT NULL CHECK (step > 0),
  kind text NOT NULL CHECK (kind IN ('native', 'token')),
  place text NOT NULL CHECK (place <> ''),
  custodian text NOT NULL,
  account text NOT NULL,
  amount numeric NOT NULL CHECK (amount > 0), -- whole coins
  movement_id text NOT NULL,
  PRIMARY KEY (fund_id, plan_id, step),
  FOREIGN KEY (fund_id, plan_id) REFERENCES plan,
  CHECK ((movement_id = '') = (custodian = ''))
);
CREATE UNIQUE INDEX one_step_a_movement ON plan_step (fund_id, movement_id) WHERE movement_id <> '';

-- sending is written before the request leaves; whoever writes a step's next state under its number goes on with it. Nothing follows
-- proposed and refused, and nothing is sent again while it is not known what became of it.
CREATE TABLE plan_step_state (
  fund_id text NOT NULL,
  plan_id text NOT NULL,
  step integer NOT NULL,
  seq integer NOT NULL CHECK (seq > 0),
  previous integer CHECK (previous = seq - 1),
  previous_state text CHECK (previous_state NOT IN ('proposed', 'refused')),
  state text NOT NULL CHECK (state IN ('sending', 'proposed', 'refused', 'not_sent', 'in_doubt', 'not_found')),
  detail text NOT NULL,
  actor text NOT NULL CHECK (actor <> ''),
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (fund_id, plan_id, step, seq),
  UNIQUE (fund_id, plan_id, step, seq, state),
  FOREIGN KEY (fund_id, plan_id, step) REFERENCES plan_step,
  FOREIGN KEY (fund_id, plan_id, step, previous, previous_state) REFERENCES plan_step_state (fund_id, plan_id, step, seq, state),
  CHECK ((seq = 1) = (previous IS NULL) AND (previous IS NULL) = (previous_state IS NULL)),
  CONSTRAINT a_step_is_sent_where_nothing_left CHECK ((state = 'sending') = (previous_state IS NULL OR previous_state IN ('not_sent', 'not_found'))),
  CONSTRAINT an_answer_belongs_to_a_request CHECK (state NOT IN ('refused', 'not_sent', 'in_doubt') OR previous_state = 'sending')
);
SELECT grant_append_only('plan', 'plan_step', 'plan_step_state');
