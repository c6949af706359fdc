-- Limits in dollars beside those in coins: of a kind and role, all coins together, by the official price of the house. A
-- policy says which price and how old it may be.
CREATE TABLE movement_dollar_terms (
  fund_id text NOT NULL,
  policy_id text NOT NULL,
  act text NOT NULL CHECK (act IN ('ICA_1940', 'ETP_1933')),
  basis text NOT NULL CHECK (basis IN ('fair_value', 'index')),
  price_age_days integer NOT NULL CHECK (price_age_days BETWEEN 1 AND 31),
  PRIMARY KEY (fund_id, policy_id),
  UNIQUE (fund_id, policy_id, act, basis, price_age_days),
  FOREIGN KEY (fund_id, policy_id) REFERENCES movement_policy
);
CREATE TABLE movement_dollar_limit (
  fund_id text NOT NULL,
  policy_id text NOT NULL,
  movement text NOT NULL CHECK (movement IN ('withdrawal', 'stake', 'unstake', 'convert')),
  role text NOT NULL CHECK (role IN ('maker', 'service', 'approver')),
  per_movement numeric NOT NULL CHECK (per_movement > 0),
  per_day numeric NOT NULL CHECK (per_day >= per_movement),
  PRIMARY KEY (fund_id, policy_id, movement, role),
  UNIQUE (fund_id, policy_id, movement, role, per_movement, per_day),
  FOREIGN KEY (fund_id, policy_id) REFERENCES movement_dollar_terms
);

-- What was proposed or approved in a role of a kind on a UTC day, in dollars: a running total, each row following from the one
-- before it. A movement is in a role's day once, with what it was worth when the first of the role acted on it.
CREATE TABLE movement_dollar_use (
  fund_id text NOT NULL,
  role text NOT NULL,
  movement text NOT NULL,
  day date NOT NULL CHECK (day = DATE '1970-01-01' + (known_at_ns / 86400000000000)::integer),
  position integer NOT NULL CHECK (position > 0),
  previous integer CHECK (previous = position - 1),
  total_before numeric NOT NULL CHECK (total_before >= 0),
  movement_id text NOT NULL CHECK (movement_id <> ''),
  asset text NOT NULL,
  amount numeric NOT NULL CHECK (amount > 0),
  act text NOT NULL,
  basis text NOT NULL,
  price_age_days integer NOT NULL,
  price numeric NOT NULL CHECK (price > 0),
  price_date date NOT NULL,
  price_sha256 text NOT NULL CHECK (price_sha256 <> ''),
  dollars numeric NOT NULL CHECK (dollars = ceil(amount * price * 100) / 100),
  total numeric NOT NULL CHECK (total = total_before + dollars),
  policy_id text NOT NULL,
  per_movement numeric NOT NULL,
  per_day numeric NOT NULL,
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (fund_id, role, movement, day, position),
  UNIQUE (fund_id, movement_id, role, day),
  UNIQUE (fund_id, role, movement, day, position, total),
  CHECK ((position = 1) = (previous IS NULL)),
  CHECK (position > 1 OR total_before = 0),
  FOREIGN KEY (fund_id, role, movement, day, previous, total_before)
    REFERENCES movement_dollar_use (fund_id, role, movement, day, position, total),
  FOREIGN KEY (fund_id, policy_id, movement, role, per_movement, per_day)
    REFERENCES movement_dollar_limit (fund_id, policy_id, movement, role, per_movement, per_day),
  FOREIGN KEY (fund_id, policy_id, act, basis, price_age_days)
    REFERENCES movement_dollar_terms (fund_id, policy_id, act, basis, price_age_days),
  CONSTRAINT valued_as_in_the_roles_day FOREIGN KEY (fund_id, role, asset, movement, day, movement_id, amount)
    REFERENCES movement_role_use (fund_id, role, asset, movement, day, movement_id, amount),
  CONSTRAINT valued_by_a_price_of_recent_date CHECK (price_date BETWEEN day - price_age_days AND day),
  CONSTRAINT within_the_dollars_of_a_movement CHECK (dollars <= per_movement),
  CONSTRAINT within_the_dollars_of_a_roles_day CHECK (total <= per_day)
);
CREATE TRIGGER current_policy BEFORE INSERT ON movement_dollar_use
  FOR EACH ROW EXECUTE FUNCTION refuse_limits_of_an_older_policy();
CREATE TRIGGER not_ahead_of_time BEFORE INSERT ON movement_dollar_use
  FOR EACH ROW EXECUTE FUNCTION refuse_times_ahead_of_the_database('known_at_ns');

-- Nobody uses a limit in coins without the one in dollars beside it.
CREATE FUNCTION refuse_what_is_not_counted_in_dollars() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM movement_dollar_limit l
             WHERE (l.fund_id, l.policy_id, l.movement, l.role) = (NEW.fund_id, NEW.policy_id, NEW.movement, NEW.role)
             AND NOT EXISTS (SELECT FROM movement_dollar_use u
                             WHERE (u.fund_id, u.movement_id, u.role, u.day) =
                                   (NEW.fund_id, NEW.movement_id, NEW.role, NEW.day) AND u.dollars <= l.per_movement)) THEN
    RAISE EXCEPTION 'it is limited in dollars too: constraint "counted_in_dollars"'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'counted_in_dollars';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER counted_in_dollars BEFORE INSERT ON movement_limit_use
  FOR EACH ROW EXECUTE FUNCTION refuse_what_is_not_counted_in_dollars();

SELECT grant_append_only('movement_dollar_terms', 'movement_dollar_limit', 'movement_dollar_use');
