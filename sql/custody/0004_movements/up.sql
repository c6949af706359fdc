-- Coins that leave or are staked on our word: rules (policies, whitelisted addresses) and movements, each proposed by one
-- person and approved by two others. Only ever added to; movement_head is the lock under which a fund's are decided.
CREATE TABLE movement_head (
  fund_id text PRIMARY KEY CHECK (fund_id <> ''),
  proposals bigint NOT NULL CHECK (proposals >= 0)  -- how many were made
);

CREATE TABLE movement_proposal (
  fund_id text NOT NULL REFERENCES movement_head,
  kind text NOT NULL CHECK (kind IN ('policy', 'destination', 'movement')),
  proposal_id text NOT NULL CHECK (proposal_id <> ''),
  seq bigint NOT NULL CHECK (seq > 0),
  content text NOT NULL CHECK (content <> ''),  -- canonical JSON
  content_hash bytea NOT NULL CHECK (content_hash = sha256(convert_to(content, 'UTF8'))),
  proposed_by text NOT NULL CHECK (proposed_by <> ''),
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (fund_id, kind, proposal_id),
  UNIQUE (fund_id, seq),
  UNIQUE (fund_id, kind, proposal_id, proposed_by)  -- so that an approval can carry the proposer's name
);

-- Two of them put a proposal in force. The second needs the first, and each another person.
CREATE TABLE movement_approval (
  fund_id text NOT NULL,
  kind text NOT NULL,
  proposal_id text NOT NULL,
  proposed_by text NOT NULL,
  place integer NOT NULL CHECK (place IN (1, 2)),
  previous integer CHECK (previous = place - 1),
  limited text CHECK (limited = proposal_id),  -- of a movement: the use of the approver's limit
  decided_by text NOT NULL CHECK (decided_by <> ''),
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (fund_id, kind, proposal_id, place),
  CHECK ((place = 1) = (previous IS NULL)),
  CHECK ((kind = 'movement') = (limited IS NOT NULL)),
  FOREIGN KEY (fund_id, kind, proposal_id, proposed_by)
    REFERENCES movement_proposal (fund_id, kind, proposal_id, proposed_by),
  FOREIGN KEY (fund_id, kind, proposal_id, previous) REFERENCES movement_approval (fund_id, kind, proposal_id, place),
  CONSTRAINT one_person_approves_a_movement_once UNIQUE (fund_id, kind, proposal_id, decided_by),
  CONSTRAINT nobody_approves_their_own_movement CHECK (decided_by <> proposed_by)
);

-- A rule taken back: a proposal, or an address in force.
CREATE TABLE movement_rule_withdrawal (
  fund_id text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('policy', 'destination')),
  proposal_id text NOT NULL,
  decided_by text NOT NULL CHECK (decided_by <> ''),
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (fund_id, kind, proposal_id),
  FOREIGN KEY (fund_id, kind, proposal_id) REFERENCES movement_proposal
);

-- Policies in force, one after the other: the last one counts.
CREATE TABLE movement_policy (
  fund_id text NOT NULL,
  policy_id text NOT NULL,
  kind text NOT NULL CHECK (kind = 'policy'),
  approvals integer NOT NULL CHECK (approvals = 2),
  seq bigint NOT NULL CHECK (seq > 0),
  cooling_off_s bigint NOT NULL CHECK (cooling_off_s > 0),
  lapses_after_s bigint NOT NULL CHECK (lapses_after_s > 0),
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (fund_id, policy_id),
  UNIQUE (fund_id, seq),
  UNIQUE (fund_id, policy_id, cooling_off_s),
  FOREIGN KEY (fund_id, kind, policy_id, approvals) REFERENCES movement_approval (fund_id, kind, proposal_id, place)
);
CREATE TABLE movement_limit (
  fund_id text NOT NULL,
  policy_id text NOT NULL,
  asset text NOT NULL CHECK (asset <> ''),
  movement text NOT NULL CHECK (movement IN ('withdrawal', 'stake', 'unstake')),
  role text NOT NULL CHECK (role IN ('maker', 'service', 'approver')),
  per_movement numeric NOT NULL CHECK (per_movement > 0),
  per_day numeric NOT NULL CHECK (per_day >= per_movement),
  PRIMARY KEY (fund_id, policy_id, asset, movement, role),
  UNIQUE (fund_id, policy_id, asset, movement, role, per_movement, per_day),
  FOREIGN KEY (fund_id, policy_id) REFERENCES movement_policy
);

-- Addresses in force, with the instant from which coins may go there.
CREATE TABLE movement_destination (
  fund_id text NOT NULL,
  destination_id text NOT NULL,
  kind text NOT NULL CHECK (kind = 'destination'),
  approvals integer NOT NULL CHECK (approvals = 2),
  policy_id text NOT NULL,
  cooling_off_s bigint NOT NULL,
  asset text NOT NULL CHECK (asset <> ''),
  network text NOT NULL,
  address text NOT NULL CHECK (address <> ''),
  address_tag text NOT NULL,
  approved_at_ns bigint NOT NULL,
  active_from_ns bigint NOT NULL,
  PRIMARY KEY (fund_id, destination_id),
  UNIQUE (fund_id, destination_id, asset, active_from_ns),
  FOREIGN KEY (fund_id, kind, destination_id, approvals) REFERENCES movement_approval (fund_id, kind, proposal_id, place),
  FOREIGN KEY (fund_id, policy_id, cooling_off_s) REFERENCES movement_policy (fund_id, policy_id, cooling_off_s),
  CONSTRAINT an_address_cools_off CHECK (active_from_ns >= approved_at_ns + cooling_off_s * 1000000000)
);

-- What each person proposed or approved of a kind and coin on a UTC day: a running total, each row following from the one
-- before it, under the limit of a role in a policy that is in force.
CREATE TABLE movement_limit_use (
  fund_id text NOT NULL,
  actor text NOT NULL CHECK (actor <> ''),
  asset text NOT NULL,
  movement text NOT NULL,
  day date NOT NULL CHECK (day = DATE '1970-01-01' + (known_at_ns / 86400000000000)::integer),
  position integer NOT NULL CHECK (position > 0),
  previous integer CHECK (previous = position - 1),
  total_before numeric NOT NULL CHECK (total_before >= 0),
  movement_id text NOT NULL CHECK (movement_id <> ''),
  amount numeric NOT NULL CHECK (amount > 0),
  total numeric NOT NULL CHECK (total = total_before + amount),
  policy_id text NOT NULL,
  role text NOT NULL,
  per_movement numeric NOT NULL,
  per_day numeric NOT NULL,
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (fund_id, actor, asset, movement, day, position),
  UNIQUE (fund_id, movement_id, actor),
  UNIQUE (fund_id, movement_id, actor, asset, movement, amount),
  UNIQUE (fund_id, actor, asset, movement, day, position, total),
  CHECK ((position = 1) = (previous IS NULL)),
  CHECK (position > 1 OR total_before = 0),
  FOREIGN KEY (fund_id, actor, asset, movement, day, previous, total_before)
    REFERENCES movement_limit_use (fund_id, actor, asset, movement, day, position, total),
  FOREIGN KEY (fund_id, policy_id, asset, movement, role, per_movement, per_day)
    REFERENCES movement_limit (fund_id, policy_id, asset, movement, role, per_movement, per_day),
  CONSTRAINT within_the_limit_of_a_movement CHECK (amount <= per_movement),
  CONSTRAINT within_the_limit_of_a_day CHECK (total <= per_day)
);

CREATE TABLE movement (
  fund_id text NOT NULL,
  movement_id text NOT NULL,
  kind text NOT NULL CHECK (kind = 'movement'),
  movement text NOT NULL CHECK (movement IN ('withdrawal', 'stake', 'unstake')),
  custodian text NOT NULL CHECK (custodian <> ''),
  account text NOT NULL,
  asset text NOT NULL CHECK (asset <> ''),
  amount numeric NOT NULL CHECK (amount > 0),
  client_id text NOT NULL CHECK (client_id <> ''),  -- the custodian's idempotency key
  destination_id text,
  destination_active_ns bigint,
  proposed_by text NOT NULL,
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (fund_id, movement_id),
  UNIQUE (fund_id, client_id),
  UNIQUE (fund_id, custodian, movement_id),
  FOREIGN KEY (fund_id, kind, movement_id, proposed_by)
    REFERENCES movement_proposal (fund_id, kind, proposal_id, proposed_by),
  FOREIGN KEY (fund_id, movement_id, proposed_by, asset, movement, amount)
    REFERENCES movement_limit_use (fund_id, movement_id, actor, asset, movement, amount),
  CONSTRAINT only_to_whitelisted_addresses FOREIGN KEY (fund_id, destination_id, asset, destination_active_ns)
    REFERENCES movement_destination (fund_id, destination_id, asset, active_from_ns),
  CONSTRAINT a_withdrawal_has_a_destination CHECK ((movement = 'withdrawal') = (destination_id IS NOT NULL)),
  CHECK ((destination_id IS NULL) = (destination_active_ns IS NULL)),
  CONSTRAINT only_after_cooling_off CHECK (known_at_ns >= destination_active_ns)
);
ALTER TABLE movement_approval ADD CONSTRAINT approved_within_a_limit
  FOREIGN KEY (fund_id, limited, decided_by) REFERENCES movement_limit_use (fund_id, movement_id, actor);

-- Its states, one after the other. Nothing is sent that two people did not approve.
CREATE TABLE movement_event (
  fund_id text NOT NULL,
  movement_id text NOT NULL,
  seq integer NOT NULL CHECK (seq > 0),
  previous integer CHECK (previous = seq - 1),
  previous_state text,
  state text NOT NULL CHECK (state IN ('proposed', 'approved_once', 'approved_twice', 'sending', 'in_doubt', 'refused',
                                       'not_found', 'sent', 'confirmed', 'failed', 'withdrawn')),
  kind text NOT NULL CHECK (kind = 'movement'),
  approvals integer CHECK (approvals IN (1, 2)),
  detail text NOT NULL,
  custodian_id text NOT NULL,
  transaction_id text NOT NULL,
  status text NOT NULL,
  document text NOT NULL,
  actor text NOT NULL CHECK (actor <> ''),
  at_ns bigint NOT NULL,
  PRIMARY KEY (fund_id, movement_id, seq),
  UNIQUE (fund_id, movement_id, seq, state),
  FOREIGN KEY (fund_id, movement_id) REFERENCES movement,
  FOREIGN KEY (fund_id, movement_id, previous, previous_state)
    REFERENCES movement_event (fund_id, movement_id, seq, state),
  FOREIGN KEY (fund_id, kind, movement_id, approvals) REFERENCES movement_approval (fund_id, kind, proposal_id, place),
  CONSTRAINT two_people_approve_what_is_sent CHECK (
    CASE WHEN state IN ('proposed', 'withdrawn') THEN true
         WHEN state = 'approved_once' THEN approvals IS NOT DISTINCT FROM 1
         ELSE approvals IS NOT DISTINCT FROM 2 END),
  CONSTRAINT a_state_follows_from_the_one_before CHECK (
    CASE WHEN seq = 1 THEN previous IS NULL AND previous_state IS NULL AND state = 'proposed'
         ELSE previous IS NOT NULL AND previous_state IS NOT NULL AND previous_state || '>' || state IN (
           'proposed>approved_once', 'proposed>withdrawn', 'approved_once>approved_twice', 'approved_once>withdrawn',
           'approved_twice>sending', 'approved_twice>withdrawn', 'sending>sent', 'sending>in_doubt', 'sending>refused',
           'sending>approved_twice', 'in_doubt>sent', 'in_doubt>not_found', 'refused>sent', 'refused>failed',
           'not_found>sent', 'not_found>approved_twice', 'not_found>withdrawn', 'sent>sent', 'sent>confirmed',
           'sent>failed', 'sent>in_doubt') END)
);

-- Which record of a custodian is which movement: one record is one movement's.
CREATE TABLE movement_match (
  fund_id text NOT NULL,
  custodian text NOT NULL,
  custodian_id text NOT NULL CHECK (custodian_id <> ''),
  movement_id text NOT NULL,
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (fund_id, custodian, custodian_id),
  FOREIGN KEY (fund_id, custodian, movement_id) REFERENCES movement (fund_id, custodian, movement_id)
);

-- What a foreign key cannot say: that an address was not taken back before something is sent there, and that limits are
-- those of the policy that counts.
CREATE FUNCTION refuse_sending_to_a_withdrawn_address() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM movement m JOIN movement_rule_withdrawal w
               ON w.fund_id = m.fund_id AND w.kind = 'destination' AND w.proposal_id = m.destination_id
             WHERE m.fund_id = NEW.fund_id AND m.movement_id = NEW.movement_id) THEN
    RAISE EXCEPTION 'the address was withdrawn: constraint "nothing_is_sent_to_a_withdrawn_address"'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'nothing_is_sent_to_a_withdrawn_address';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER standing_address BEFORE INSERT ON movement_event
  FOR EACH ROW WHEN (NEW.state = 'sending') EXECUTE FUNCTION refuse_sending_to_a_withdrawn_address();

CREATE FUNCTION refuse_limits_of_an_older_policy() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.policy_id <> (SELECT policy_id FROM movement_policy WHERE fund_id = NEW.fund_id ORDER BY seq DESC LIMIT 1) THEN
    RAISE EXCEPTION 'a later policy is in force: constraint "limits_of_the_policy_in_force"'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'limits_of_the_policy_in_force';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER current_policy BEFORE INSERT ON movement_limit_use
  FOR EACH ROW EXECUTE FUNCTION refuse_limits_of_an_older_policy();

SELECT grant_append_only('movement_proposal', 'movement_approval', 'movement_rule_withdrawal', 'movement_policy',
                         'movement_limit', 'movement_destination', 'movement_limit_use', 'movement', 'movement_event',
                         'movement_match');
SELECT grant_changeable('movement_head');
