-- An act that took effect is taken back as it was made: one person asks, another approves, and the entries of its steps are
-- reversed in that transaction. What was asked for and not approved may be asked for again, under the next number.
CREATE TABLE fund_act_undo (
  fund_id text NOT NULL,
  act_id text NOT NULL,
  number integer NOT NULL CHECK (number > 0),
  reason text NOT NULL CHECK (reason <> ''),
  asked_by text NOT NULL CHECK (asked_by <> ''),
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (fund_id, act_id, number),
  UNIQUE (fund_id, act_id, number, asked_by),  -- so that a decision can carry the name
  FOREIGN KEY (fund_id, act_id) REFERENCES fund_act
);
CREATE TABLE fund_act_undo_decision (
  fund_id text NOT NULL,
  act_id text NOT NULL,
  number integer NOT NULL,
  asked_by text NOT NULL,
  is_approved boolean NOT NULL,
  decided_by text NOT NULL CHECK (decided_by <> ''),
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (fund_id, act_id, number),
  FOREIGN KEY (fund_id, act_id, number, asked_by) REFERENCES fund_act_undo (fund_id, act_id, number, asked_by),
  CONSTRAINT nobody_undoes_alone CHECK (NOT is_approved OR decided_by <> asked_by)
);
CREATE UNIQUE INDEX undone_once ON fund_act_undo_decision (fund_id, act_id) WHERE is_approved;
SELECT grant_append_only('fund_act_undo', 'fund_act_undo_decision');
