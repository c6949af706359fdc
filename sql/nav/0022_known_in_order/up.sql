-- When we learned of something is said by the database's clock under the lock of the fund's books, later than all that was
-- known before: an instant belongs to one transaction, and what was known by a time does not change any more.
ALTER TABLE books_head ADD COLUMN known_at_ns bigint NOT NULL DEFAULT 0;
UPDATE books_head h SET known_at_ns = greatest(
  (SELECT max(known_at_ns) FROM entry e WHERE e.fund_id = h.fund_id),
  (SELECT max(struck_at_ns) FROM nav n WHERE n.fund_id = h.fund_id),
  (SELECT max(known_at_ns) FROM fund_fact f WHERE f.fund_id = h.fund_id),
  (SELECT max(recorded_at_ns) FROM lot_identification i WHERE i.fund_id = h.fund_id), 0);

CREATE FUNCTION refuse_time_going_back() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'known before what was known before: constraint "known_in_order"'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'known_in_order';
END $$;
CREATE TRIGGER known_in_order BEFORE UPDATE ON books_head
  FOR EACH ROW WHEN (NEW.known_at_ns < OLD.known_at_ns) EXECUTE FUNCTION refuse_time_going_back();

-- A strike asks which days before were struck once more after the NAV before it: hardly any.
CREATE INDEX nav_further ON nav (fund_id, valuation_date, version) WHERE version > 1;
