-- Whoever proposes or approves does so at the time of the database's clock, which all processes share: a process whose clock is
-- set forward would end a cooling-off early, or begin a new day of limits. The code asks the database for the time; this
-- refuses any that is ahead of it.
CREATE FUNCTION refuse_times_ahead_of_the_database() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (to_jsonb(NEW) ->> TG_ARGV[0])::numeric > extract(epoch FROM clock_timestamp()) * 1000000000 THEN
    RAISE EXCEPTION 'a time that has not come: constraint "no_time_ahead_of_the_databases_clock"'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'no_time_ahead_of_the_databases_clock';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER not_ahead_of_time BEFORE INSERT ON movement_proposal
  FOR EACH ROW EXECUTE FUNCTION refuse_times_ahead_of_the_database('known_at_ns');
CREATE TRIGGER not_ahead_of_time BEFORE INSERT ON movement_approval
  FOR EACH ROW EXECUTE FUNCTION refuse_times_ahead_of_the_database('known_at_ns');
CREATE TRIGGER not_ahead_of_time BEFORE INSERT ON movement_policy
  FOR EACH ROW EXECUTE FUNCTION refuse_times_ahead_of_the_database('known_at_ns');
CREATE TRIGGER not_ahead_of_time BEFORE INSERT ON movement_destination
  FOR EACH ROW EXECUTE FUNCTION refuse_times_ahead_of_the_database('approved_at_ns');
CREATE TRIGGER not_ahead_of_time BEFORE INSERT ON movement_limit_use
  FOR EACH ROW EXECUTE FUNCTION refuse_times_ahead_of_the_database('known_at_ns');
CREATE TRIGGER not_ahead_of_time BEFORE INSERT ON movement_role_use
  FOR EACH ROW EXECUTE FUNCTION refuse_times_ahead_of_the_database('known_at_ns');
CREATE TRIGGER not_ahead_of_time BEFORE INSERT ON movement
  FOR EACH ROW EXECUTE FUNCTION refuse_times_ahead_of_the_database('known_at_ns');
