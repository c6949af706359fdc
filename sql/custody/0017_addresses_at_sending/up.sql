-- An address must have cooled off by the policy that is in force when something is sent there: a later policy with a longer
-- cooling-off holds for addresses that were approved under an earlier one too.
CREATE FUNCTION refuse_an_address_that_cools_off() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM movement m JOIN movement_destination d USING (fund_id, destination_id)
             WHERE m.fund_id = NEW.fund_id AND m.movement_id = NEW.movement_id
             AND extract(epoch FROM clock_timestamp()) * 1000000000 <
               d.approved_at_ns + 1000000000 * (SELECT cooling_off_s FROM movement_policy p WHERE p.fund_id = m.fund_id
                                                ORDER BY seq DESC LIMIT 1)) THEN
    RAISE EXCEPTION 'the address cools off: constraint "cooled_off_by_the_policy_in_force"'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'cooled_off_by_the_policy_in_force';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER cooled_off BEFORE INSERT ON movement_event
  FOR EACH ROW WHEN (NEW.state = 'sending') EXECUTE FUNCTION refuse_an_address_that_cools_off();
