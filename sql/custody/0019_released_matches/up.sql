-- A record that a movement claimed and did not end with is free again: a person named the wrong one. Claims are only added to;
-- the next one of the same record has the next turn, and follows from the release of the one before.
ALTER TABLE movement_event ADD CONSTRAINT what_a_movement_ended_with UNIQUE (fund_id, movement_id, seq, state, custodian_id);
ALTER TABLE movement_match
  ADD COLUMN turn integer NOT NULL DEFAULT 1 CHECK (turn > 0),
  ADD COLUMN released integer CHECK (released = turn - 1),
  ADD CHECK ((turn = 1) = (released IS NULL)),
  DROP CONSTRAINT movement_match_pkey,
  ADD PRIMARY KEY (fund_id, custodian, custodian_id, turn),
  ADD UNIQUE (fund_id, custodian, custodian_id, turn, movement_id);
ALTER TABLE movement_match ALTER COLUMN turn DROP DEFAULT;

CREATE TABLE movement_match_release (
  fund_id text NOT NULL,
  custodian text NOT NULL,
  custodian_id text NOT NULL,
  turn integer NOT NULL,
  movement_id text NOT NULL,
  seq integer NOT NULL,                                              -- of the event by which the movement ended
  state text NOT NULL CHECK (state IN ('confirmed', 'failed')),
  ended_with text NOT NULL CHECK (ended_with <> ''),
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (fund_id, custodian, custodian_id, turn),
  FOREIGN KEY (fund_id, custodian, custodian_id, turn, movement_id)
    REFERENCES movement_match (fund_id, custodian, custodian_id, turn, movement_id),
  FOREIGN KEY (fund_id, movement_id, seq, state, ended_with)
    REFERENCES movement_event (fund_id, movement_id, seq, state, custodian_id),
  CONSTRAINT a_movement_keeps_what_it_ended_with CHECK (ended_with <> custodian_id)
);
ALTER TABLE movement_match ADD CONSTRAINT a_record_is_one_movements_at_a_time
  FOREIGN KEY (fund_id, custodian, custodian_id, released)
  REFERENCES movement_match_release (fund_id, custodian, custodian_id, turn);

INSERT INTO movement_match_release (fund_id, custodian, custodian_id, turn, movement_id, seq, state, ended_with, known_at_ns)
  SELECT m.fund_id, m.custodian, m.custodian_id, m.turn, m.movement_id, e.seq, e.state, e.custodian_id, e.at_ns
  FROM movement_match m JOIN movement_event e USING (fund_id, movement_id)
  WHERE e.state IN ('confirmed', 'failed') AND e.custodian_id <> '' AND e.custodian_id <> m.custodian_id;

SELECT grant_append_only('movement_match_release');
