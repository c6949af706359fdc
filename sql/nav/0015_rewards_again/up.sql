-- A stage of a reward whose entry was reversed in the journal does not stand: it can be recorded again, as another fact.
-- And what a provider's cut was expensed at, so that a cut that does not come is given back at its dollars.
ALTER TABLE reward_stage
  DROP CONSTRAINT reward_stage_pkey,
  ADD PRIMARY KEY (fund_id, reward_id, stage, fact_id),
  ADD COLUMN cut_value numeric NOT NULL DEFAULT 0 CHECK (cut_value >= 0);  -- dollars, of what is receivable
-- Until now it was not kept: in proportion to what is receivable.
UPDATE reward_stage SET cut_value = round(receivable_value * provider_cut / (gross - provider_cut), 2)
WHERE receivable > 0 AND gross > provider_cut;
ALTER TABLE reward_stage ALTER COLUMN cut_value DROP DEFAULT;
