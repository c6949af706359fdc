-- Each statement must return no row.
SELECT 'addresses that cool off are sent to'
 WHERE NOT EXISTS (SELECT FROM pg_trigger g WHERE g.tgname = 'cooled_off' AND g.tgrelid = '@SERVICE@.movement_event'::regclass);
