-- A token that a custodian makes of staked coins is two steps of a plan: a stake, and a conversion at an expected rate.
ALTER TABLE plan_step
  ADD COLUMN act text NOT NULL DEFAULT 'stake' CHECK (act IN ('stake', 'convert')),
  ADD COLUMN expected_rate numeric CHECK (expected_rate > 0), -- staked coins a token
  ADD COLUMN slippage_bps integer NOT NULL DEFAULT 0 CHECK (slippage_bps >= 0),
  ADD CONSTRAINT a_conversion_has_a_rate CHECK ((act = 'convert') = (expected_rate IS NOT NULL)),
  ADD CONSTRAINT a_conversion_is_a_tokens CHECK (act = 'stake' OR (kind = 'token' AND movement_id <> ''));
