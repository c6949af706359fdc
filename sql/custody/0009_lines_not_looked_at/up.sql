-- A break clears only where its asset and place were compared with certainty: the register asks, of the units of its breaks, in which
-- reconciliations they were not. Those lines are few; all lines of all days are not.
CREATE INDEX reconciliation_line_not_looked_at ON reconciliation_line (fund_id, asset, place) WHERE status IN ('unsure', 'not_covered');
