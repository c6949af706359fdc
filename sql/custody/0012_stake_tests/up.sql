-- What the fund's liquidity rule said of a stake when it was proposed; kept for who approves it.
ALTER TABLE movement ADD CONSTRAINT movement_by_kind UNIQUE (fund_id, movement_id, movement);
CREATE TABLE movement_stake_test (
  fund_id text NOT NULL,
  movement_id text NOT NULL,
  movement text NOT NULL CHECK (movement = 'stake'),
  outcome text NOT NULL CHECK (outcome IN ('allowed', 'plan', 'unavailable')),
  detail text NOT NULL CHECK (detail <> ''),
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (fund_id, movement_id),
  FOREIGN KEY (fund_id, movement_id, movement) REFERENCES movement (fund_id, movement_id, movement)
);
SELECT grant_append_only('movement_stake_test');
