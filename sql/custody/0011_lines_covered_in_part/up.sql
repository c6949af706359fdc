-- Books and custodian agree, and the chain shows only a part of it: that is another thing than that all three agree.
ALTER TABLE reconciliation_line DROP CONSTRAINT reconciliation_line_status_check;
ALTER TABLE reconciliation_line ADD CONSTRAINT reconciliation_line_status_check
  CHECK (status IN ('agrees', 'tolerated', 'differs', 'unsure', 'not_covered', 'in_part'));
