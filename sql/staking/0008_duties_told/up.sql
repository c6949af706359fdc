-- Of attestations whose ideal no node told nothing else is counted; missed proposals, where a node told whose the slots were.
ALTER TABLE duty
  ADD COLUMN attestations_without_ideal numeric(20, 0) NOT NULL DEFAULT 0
    CHECK (attestations_without_ideal BETWEEN 0 AND attestations_assigned),
  ADD COLUMN proposals_missed numeric(20, 0) CHECK (proposals_missed >= 0); -- NULL: not told
