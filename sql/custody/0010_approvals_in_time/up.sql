-- An approval whose clock was set back would let an address cool off before it was proposed. Each follows, in time too, from what it
-- approves and from the approval before it; and an address cools off from the last of them on.
CREATE FUNCTION refuse_approvals_before_what_they_follow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM movement_proposal p WHERE p.fund_id = NEW.fund_id AND p.kind = NEW.kind
                AND p.proposal_id = NEW.proposal_id AND p.known_at_ns > NEW.known_at_ns)
     OR EXISTS (SELECT FROM movement_approval a WHERE a.fund_id = NEW.fund_id AND a.kind = NEW.kind
                   AND a.proposal_id = NEW.proposal_id AND a.known_at_ns > NEW.known_at_ns) THEN
    RAISE EXCEPTION 'an earlier time than that of what it follows: constraint "an_approval_follows_in_time"'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'an_approval_follows_in_time';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER in_time BEFORE INSERT ON movement_approval
  FOR EACH ROW EXECUTE FUNCTION refuse_approvals_before_what_they_follow();

CREATE FUNCTION refuse_addresses_older_than_their_approvals() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM movement_approval a WHERE a.fund_id = NEW.fund_id AND a.kind = 'destination'
                AND a.proposal_id = NEW.destination_id AND a.known_at_ns > NEW.approved_at_ns) THEN
    RAISE EXCEPTION 'approved later: constraint "an_address_cools_off_from_its_approvals"'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'an_address_cools_off_from_its_approvals';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER cools_off_from_its_approvals BEFORE INSERT ON movement_destination
  FOR EACH ROW EXECUTE FUNCTION refuse_addresses_older_than_their_approvals();
