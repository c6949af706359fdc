-- Each statement must return no row.
SELECT 'times ahead of the database are taken in ' || t.name
FROM unnest(ARRAY['movement_proposal', 'movement_approval', 'movement_policy', 'movement_destination',
                  'movement_limit_use', 'movement_role_use', 'movement']) AS t (name)
WHERE NOT EXISTS (SELECT FROM pg_trigger g WHERE g.tgname = 'not_ahead_of_time'
                   AND g.tgrelid = ('@SERVICE@.' || t.name)::regclass);
