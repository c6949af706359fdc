-- A payment of a distribution that was reversed in the journal is no payment: it can be made again, under a number of its own.
ALTER TABLE fund_act_step
  ADD COLUMN attempt integer NOT NULL DEFAULT 1 CHECK (attempt >= 1),
  ADD CONSTRAINT only_a_payment_is_made_again CHECK (attempt = 1 OR step = 'paid'),
  DROP CONSTRAINT fund_act_step_pkey,
  ADD PRIMARY KEY (fund_id, act_id, step, attempt);
ALTER TABLE fund_act_step ALTER COLUMN attempt DROP DEFAULT;
