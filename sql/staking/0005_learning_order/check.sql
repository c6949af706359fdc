-- Each statement must return no row.
SELECT 'missing index staking_event_learned'
 WHERE NOT EXISTS (SELECT FROM pg_indexes WHERE schemaname = '@SERVICE@' AND indexname = 'staking_event_learned');
