-- Whether a NAV has a late fact is a matter of order in the journal, not of clocks: a NAV says after which entry it was struck.
ALTER TABLE nav ADD COLUMN entries bigint NOT NULL DEFAULT 0 CHECK (entries >= 0);
UPDATE nav n SET entries = coalesce((SELECT max(e.seq) FROM entry e
  WHERE e.fund_id = n.fund_id AND e.known_at_ns <= n.struck_at_ns), 0);
ALTER TABLE nav ALTER COLUMN entries DROP DEFAULT;

-- What was less than a NAV error is booked on a later day. Where more of the same days comes and they are struck again, it
-- belongs to its own day as well: two entries that come to nothing together, one there and one on the day where it stood. The
-- entry itself stays as it is, with its source, its lots and whoever refers to it.
CREATE TABLE late_move (
  fund_id text NOT NULL,
  source text NOT NULL,
  source_id text NOT NULL,
  seq bigint NOT NULL,      -- of the entry
  there bigint NOT NULL CHECK (there > seq),    -- does on its own day what the entry did
  back bigint NOT NULL CHECK (back > there),    -- takes it from where the entry stands
  book_date date NOT NULL,  -- its own day
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (fund_id, source, source_id),  -- once
  FOREIGN KEY (fund_id, source, source_id) REFERENCES late_entry,
  FOREIGN KEY (fund_id, seq) REFERENCES entry,
  FOREIGN KEY (fund_id, there) REFERENCES entry,
  FOREIGN KEY (fund_id, back) REFERENCES entry
);
CREATE UNIQUE INDEX late_move_back ON late_move (fund_id, back);
SELECT grant_append_only('late_move');
