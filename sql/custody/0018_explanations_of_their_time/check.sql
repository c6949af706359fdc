-- Each statement must return no row.
SELECT 'missing constraint a_resolution_is_of_its_time'
WHERE NOT EXISTS (SELECT FROM pg_constraint WHERE conname = 'a_resolution_is_of_its_time'
                   AND connamespace = '@SERVICE@'::regnamespace);
