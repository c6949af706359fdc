-- A resolution explains the break as it came then: the day since which it was open. One that cleared and comes back is
-- another one. Nothing: written before this was kept.
ALTER TABLE break_act ADD COLUMN about date,
  ADD CONSTRAINT a_resolution_is_of_its_time CHECK (kind = 'resolved' OR about IS NULL);
