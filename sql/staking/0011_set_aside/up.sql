-- States of a chain that two people set aside: a node invented them, and what tells the truth since contradicts them. Nothing
-- is deleted: rows of that source behind the last state that stays (after_ns) which were known by the approval are in no
-- answer about knowledge from then on, and in every one about knowledge before.
CREATE TABLE set_aside (
  fund_id text NOT NULL CHECK (fund_id <> ''),
  number bigint NOT NULL CHECK (number > 0),
  source text NOT NULL CHECK (source <> ''),
  height numeric(20, 0) NOT NULL CHECK (height >= 0),  -- of the first state that goes
  root text NOT NULL,
  at_ns bigint NOT NULL,
  after_ns bigint NOT NULL CHECK (after_ns < at_ns),
  reason text NOT NULL CHECK (reason <> ''),
  proposed_by text NOT NULL CHECK (proposed_by <> ''),
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (fund_id, number),
  UNIQUE (fund_id, number, proposed_by, source, after_ns)
);
CREATE TABLE set_aside_approval (
  fund_id text NOT NULL,
  number bigint NOT NULL,
  proposed_by text NOT NULL,
  source text NOT NULL,
  after_ns bigint NOT NULL,
  approved_by text NOT NULL CHECK (approved_by <> ''),
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (fund_id, number),
  FOREIGN KEY (fund_id, number, proposed_by, source, after_ns)
    REFERENCES set_aside (fund_id, number, proposed_by, source, after_ns),
  CONSTRAINT a_state_is_set_aside_by_two CHECK (approved_by <> proposed_by)
);
SELECT grant_append_only('set_aside', 'set_aside_approval');

-- An event that was set aside may be told again by who tells the truth: under the same id where it is the same.
ALTER TABLE staking_event ADD COLUMN series integer NOT NULL DEFAULT 0 CHECK (series >= 0);
ALTER TABLE staking_event DROP CONSTRAINT staking_event_pkey;
ALTER TABLE staking_event ADD PRIMARY KEY (fund_id, id, series);
