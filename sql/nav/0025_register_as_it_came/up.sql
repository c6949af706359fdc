-- What a distribution owes stands on the register of its record date as it came to be: where shares were booked on that date
-- after the register was taken, the next strike takes it again, under the next number.
ALTER TABLE fund_act_step
  DROP CONSTRAINT only_a_payment_is_made_again,
  ADD CONSTRAINT only_payment_and_register_come_again CHECK (attempt = 1 OR step IN ('paid', 'recorded'));
