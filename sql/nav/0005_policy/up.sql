-- What a fund's policies act on: single facts (expenses, rewards, payments), each recorded once under its source's id, and
-- acts of the board (distributions, splits, forks, migrations, spin-offs) that one person proposes and another approves.
-- Their entries are in the journal; here is what the journal does not say.

-- One row a fund, locked by whoever records facts: each decides on what stands after the one before.
CREATE TABLE policy_head (
  fund_id text PRIMARY KEY REFERENCES fund,
  facts bigint NOT NULL CHECK (facts >= 0)  -- how many were recorded
);

CREATE TABLE fund_fact (
  fund_id text NOT NULL REFERENCES policy_head,
  fact_id text NOT NULL CHECK (fact_id <> ''),
  kind text NOT NULL CHECK (kind <> ''),
  fact_date date NOT NULL,
  content text NOT NULL CHECK (content <> ''),  -- canonical JSON
  content_hash bytea NOT NULL CHECK (octet_length(content_hash) = 32),
  recorded_by text NOT NULL CHECK (recorded_by <> ''),
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (fund_id, fact_id)
);

-- What the fund bears of a single expense, in dollars; nothing where the adviser bears it.
CREATE TABLE incurred_expense (
  fund_id text NOT NULL,
  fact_id text NOT NULL,
  expense_type text NOT NULL,
  book_date date NOT NULL,
  borne_by_fund numeric NOT NULL CHECK (borne_by_fund >= 0),
  PRIMARY KEY (fund_id, fact_id),
  FOREIGN KEY (fund_id, fact_id) REFERENCES fund_fact
);

-- Each stage of each reward, with what stands after it. Quantities in whole coins.
CREATE TABLE reward_stage (
  fund_id text NOT NULL,
  reward_id text NOT NULL,
  stage integer NOT NULL CHECK (stage BETWEEN 0 AND 2),  -- protocol credit, claimable, received
  fact_id text NOT NULL,
  reward_type text NOT NULL,
  asset text NOT NULL,
  event_date date NOT NULL,
  book_date date NOT NULL,               -- the day after the last struck NAV where that is later
  gross numeric NOT NULL CHECK (gross > 0),
  provider_cut numeric NOT NULL CHECK (provider_cut BETWEEN 0 AND gross),
  price numeric NOT NULL CHECK (price > 0),
  recognised date,                       -- since when it is income
  receivable numeric NOT NULL CHECK (receivable >= 0),
  receivable_value numeric NOT NULL CHECK (receivable_value >= 0),
  income_gross numeric NOT NULL,         -- coins that became income with this stage, before anyone's cut
  came_in numeric NOT NULL CHECK (came_in >= 0),
  PRIMARY KEY (fund_id, reward_id, stage),
  UNIQUE (fund_id, fact_id),
  FOREIGN KEY (fund_id, fact_id) REFERENCES fund_fact
);

CREATE TABLE fund_act (
  fund_id text NOT NULL REFERENCES policy_head,
  act_id text NOT NULL CHECK (act_id <> ''),
  kind text NOT NULL CHECK (kind IN ('distribution', 'split', 'fork', 'migration', 'spin_off')),
  content text NOT NULL CHECK (content <> ''),  -- canonical JSON
  content_hash bytea NOT NULL CHECK (octet_length(content_hash) = 32),
  proposed_by text NOT NULL CHECK (proposed_by <> ''),
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (fund_id, act_id),
  UNIQUE (fund_id, act_id, proposed_by)  -- so that a decision can carry the proposer's name
);

-- Nobody approves what they proposed. What has had no step yet may be withdrawn, approved or not.
CREATE TABLE fund_act_decision (
  fund_id text NOT NULL,
  act_id text NOT NULL,
  proposed_by text NOT NULL,
  is_approved boolean NOT NULL,
  decided_by text NOT NULL CHECK (decided_by <> ''),
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (fund_id, act_id, is_approved),  -- an approval, and a withdrawal
  FOREIGN KEY (fund_id, act_id, proposed_by) REFERENCES fund_act (fund_id, act_id, proposed_by),
  CONSTRAINT approver_is_not_the_proposer CHECK (NOT is_approved OR decided_by <> proposed_by)
);

-- What was done of an approved act, each step once, in the transaction of its entry.
CREATE TABLE fund_act_step (
  fund_id text NOT NULL,
  act_id text NOT NULL,
  step text NOT NULL CHECK (step IN ('ex', 'recorded', 'paid', 'applied')),
  is_approved boolean NOT NULL CHECK (is_approved),
  step_date date NOT NULL,
  shares numeric CHECK (shares >= 0),  -- that it stood on
  memo text NOT NULL,
  taken_by text NOT NULL CHECK (taken_by <> ''),
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (fund_id, act_id, step),
  FOREIGN KEY (fund_id, act_id, is_approved) REFERENCES fund_act_decision (fund_id, act_id, is_approved)
);

SELECT grant_append_only('fund_fact', 'incurred_expense', 'reward_stage', 'fund_act', 'fund_act_decision', 'fund_act_step');
SELECT grant_changeable('policy_head');
