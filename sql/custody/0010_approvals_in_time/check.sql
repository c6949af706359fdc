-- Each statement must return no row.
SELECT t.name FROM (VALUES ('in_time', 'movement_approval'), ('cools_off_from_its_approvals', 'movement_destination')) AS t (name, of)
 WHERE NOT EXISTS (SELECT FROM pg_trigger g WHERE g.tgname = t.name AND g.tgrelid = ('@SERVICE@.' || t.of)::regclass);
