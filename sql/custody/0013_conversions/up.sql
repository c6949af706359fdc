-- A fourth kind of movement: staked coins into the token that stands for them, or back.
ALTER TABLE movement_limit DROP CONSTRAINT movement_limit_movement_check,
  ADD CONSTRAINT movement_limit_movement_check CHECK (movement IN ('withdrawal', 'stake', 'unstake', 'convert'));
ALTER TABLE movement DROP CONSTRAINT movement_movement_check,
  ADD CONSTRAINT movement_movement_check CHECK (movement IN ('withdrawal', 'stake', 'unstake', 'convert'));
