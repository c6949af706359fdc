-- A reopening that was asked for and never approved leaves a gap in the numbers of those carried out; and both triggers
-- name their constraint in the message too, where the client reads it.
CREATE OR REPLACE FUNCTION refuse_unapproved_reopening() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.reopenings > OLD.reopenings AND EXISTS (
       SELECT FROM period_reopening r JOIN period_reopening_approval a USING (fund_id, number)
       WHERE r.fund_id = NEW.fund_id AND r.number = NEW.reopenings AND NEW.closed_through = r.open_from - 1) THEN
    RETURN NEW;
  END IF;
  IF NEW.reopenings = OLD.reopenings AND NEW.closed_through >= coalesce(OLD.closed_through, '-infinity') THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'a closed period is reopened by two people: constraint "reopened_by_two_people"'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'reopened_by_two_people';
END $$;

CREATE OR REPLACE FUNCTION refuse_inadmissible_entries() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM added a JOIN books_head h USING (fund_id) WHERE a.book_date <= h.closed_through) THEN
    RAISE EXCEPTION 'an entry lies in a closed period: constraint "entry_in_closed_period"'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_in_closed_period';
  END IF;
  IF EXISTS (SELECT FROM added a JOIN entry e ON e.fund_id = a.fund_id AND e.seq = a.reverses
             WHERE e.reverses IS NOT NULL) THEN
    RAISE EXCEPTION 'a reversal is reversed: constraint "no_reversal_of_a_reversal"'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'no_reversal_of_a_reversal';
  END IF;
  RETURN NULL;
END $$;
