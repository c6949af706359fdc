-- Each statement must return no row.
SELECT 'taken again without a first time: ' || s.fund_id || ' ' || s.act_id || ' ' || s.step
FROM fund_act_step s WHERE s.attempt > 1 AND NOT EXISTS (
  SELECT FROM fund_act_step b WHERE (b.fund_id, b.act_id, b.step, b.attempt) = (s.fund_id, s.act_id, s.step, s.attempt - 1));
SELECT 'the constraint on what comes again is missing' WHERE NOT EXISTS (
  SELECT FROM pg_constraint WHERE conname = 'only_payment_and_register_come_again');
