-- Limits are of a role and a day: what everybody in the role proposed or approved on it, together. Those of one person stay
-- beside them (movement_limit_use), within those of the role. What is here from before was under limits of one person's
-- day; it is in no role's day, so that the day of this migration begins at zero for roles.
ALTER TABLE movement_limit RENAME COLUMN per_day TO per_person_day;
ALTER TABLE movement_limit ADD COLUMN per_day numeric;
UPDATE movement_limit SET per_day = per_person_day;
ALTER TABLE movement_limit ALTER COLUMN per_day SET NOT NULL,
  ADD CONSTRAINT one_person_within_the_role CHECK (per_person_day <= per_day),
  ADD CONSTRAINT limit_of_a_roles_day UNIQUE (fund_id, policy_id, asset, movement, role, per_day);
ALTER TABLE movement_limit_use RENAME COLUMN per_day TO per_person_day;

-- What was proposed or approved in a role of a kind and coin on a UTC day: a running total, each row following from the one
-- before it. A movement is in a role's day once, however many people of the role acted on it.
CREATE TABLE movement_role_use (
  fund_id text NOT NULL,
  role text NOT NULL,
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
  per_day numeric NOT NULL,
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (fund_id, role, asset, movement, day, position),
  UNIQUE (fund_id, movement_id, role, day),
  UNIQUE (fund_id, role, asset, movement, day, movement_id, amount),
  UNIQUE (fund_id, role, asset, movement, day, position, total),
  CHECK ((position = 1) = (previous IS NULL)),
  CHECK (position > 1 OR total_before = 0),
  FOREIGN KEY (fund_id, role, asset, movement, day, previous, total_before)
    REFERENCES movement_role_use (fund_id, role, asset, movement, day, position, total),
  FOREIGN KEY (fund_id, policy_id, asset, movement, role, per_day)
    REFERENCES movement_limit (fund_id, policy_id, asset, movement, role, per_day),
  CONSTRAINT within_the_limit_of_a_roles_day CHECK (total <= per_day)
);
CREATE TRIGGER current_policy BEFORE INSERT ON movement_role_use
  FOR EACH ROW EXECUTE FUNCTION refuse_limits_of_an_older_policy();

-- Nobody uses a limit of their own without the role's day. Rows from before keep nothing here.
ALTER TABLE movement_limit_use ADD COLUMN role_day date,
  ADD CONSTRAINT counted_in_the_roles_day CHECK (role_day IS NOT DISTINCT FROM day) NOT VALID,
  ADD CONSTRAINT use_of_a_roles_day FOREIGN KEY (fund_id, role, asset, movement, role_day, movement_id, amount)
    REFERENCES movement_role_use (fund_id, role, asset, movement, day, movement_id, amount);

SELECT grant_append_only('movement_role_use');
