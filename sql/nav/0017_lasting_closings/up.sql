-- Statements of days that are closed show what the closing held, until two people open these days again: an entry that came
-- after a closing and was traded on one of its days counts from its book date on, which lies in the open period.
ALTER TABLE period_close ADD COLUMN after_reopening integer NOT NULL DEFAULT 0 CHECK (after_reopening >= 0);
UPDATE period_close c SET after_reopening = coalesce(
  (SELECT max(a.number) FROM period_reopening_approval a WHERE a.fund_id = c.fund_id AND a.known_at_ns <= c.known_at_ns), 0);
ALTER TABLE period_close ALTER COLUMN after_reopening DROP DEFAULT;

-- Of a fund's closings, as known at $2, the last day that each still holds closed and the last entry that it saw.
CREATE FUNCTION standing_closings(text, bigint) RETURNS TABLE (through date, entries bigint) LANGUAGE sql STABLE AS $$
  SELECT least(c.closed_through, (
           SELECT min(r.open_from) - 1 FROM period_reopening r JOIN period_reopening_approval a USING (fund_id, number)
           WHERE r.fund_id = c.fund_id AND r.number > c.after_reopening AND a.known_at_ns <= $2)), c.entries
  FROM period_close c WHERE c.fund_id = $1 AND c.known_at_ns <= $2
$$;
GRANT EXECUTE ON FUNCTION standing_closings(text, bigint) TO @ROLE@;
