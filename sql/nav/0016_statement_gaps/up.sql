-- A bank statement may come after one of later days and fill the gap before it. It still ties to the statement before (the
-- foreign key); that it ties to the one after, and that no two statements share a day, is asked here.
ALTER TABLE bank_statement DROP CONSTRAINT bank_statement_fund_id_account_previous_to_key;

CREATE FUNCTION refuse_untied_statement() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- Whoever adds one waits for the others of the fund.
  PERFORM FROM cash_head WHERE fund_id = NEW.fund_id FOR UPDATE;
  IF EXISTS (SELECT FROM bank_statement s WHERE s.fund_id = NEW.fund_id AND s.account = NEW.account
               AND s.date_from <= NEW.date_to AND s.date_to >= NEW.date_from) THEN
    RAISE EXCEPTION 'two statements share a day' USING ERRCODE = 'check_violation', CONSTRAINT = 'statement_overlaps';
  END IF;
  IF NEW.previous_to IS DISTINCT FROM (SELECT max(s.date_to) FROM bank_statement s WHERE s.fund_id = NEW.fund_id
                                         AND s.account = NEW.account AND s.date_to < NEW.date_from)
     OR NEW.closing <> (SELECT s.opening FROM bank_statement s WHERE s.fund_id = NEW.fund_id AND s.account = NEW.account
                          AND s.date_from > NEW.date_to ORDER BY s.date_from LIMIT 1) THEN
    RAISE EXCEPTION 'a statement does not tie to its neighbours'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'statement_does_not_follow';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER tied_statement BEFORE INSERT ON bank_statement FOR EACH ROW EXECUTE FUNCTION refuse_untied_statement();
