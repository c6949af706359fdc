-- Each statement must return no row.
SELECT 'missing function refuse_unapproved_reopening'
WHERE NOT EXISTS (SELECT FROM pg_proc WHERE proname = 'refuse_unapproved_reopening'
                  AND prosrc LIKE '%NEW.reopenings > OLD.reopenings%');
