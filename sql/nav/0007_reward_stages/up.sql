-- Where the coins of a reward stand before they are received, with what is not yet income; splits that no decimal says.
ALTER TABLE reward_stage
  ADD COLUMN place text NOT NULL DEFAULT '' CHECK (octet_length(place) <= 100),
  ADD COLUMN coin_state text NOT NULL DEFAULT 'available'
    CHECK (coin_state IN ('available', 'staked', 'activating', 'unbonding')),
  ADD COLUMN pending numeric NOT NULL DEFAULT 0 CHECK (pending >= 0),  -- whole coins, not yet income
  ADD COLUMN standing_account text NOT NULL DEFAULT '';                -- of what is receivable or pending
-- Until now every receivable stood on one account a coin, and what was pending on none.
UPDATE reward_stage SET standing_account = 'Assets:Rewards receivable:' || asset WHERE receivable > 0;
ALTER TABLE reward_stage
  ALTER COLUMN place DROP DEFAULT,
  ALTER COLUMN coin_state DROP DEFAULT,
  ALTER COLUMN pending DROP DEFAULT,
  ALTER COLUMN standing_account DROP DEFAULT,
  ADD CONSTRAINT coins_of_a_reward_stand_somewhere
    CHECK ((receivable = 0 AND pending = 0) OR standing_account <> ''),
  ADD CONSTRAINT pending_or_income CHECK (receivable = 0 OR pending = 0);

-- "ratio" new shares for so many old ones: 1 for 3.
ALTER TABLE share_split ADD COLUMN for_shares bigint NOT NULL DEFAULT 1 CHECK (for_shares > 0);
ALTER TABLE share_split ALTER COLUMN for_shares DROP DEFAULT;
