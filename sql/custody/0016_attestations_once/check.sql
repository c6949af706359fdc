-- Each statement must return no row.
SELECT 'missing constraint ' || name
FROM unnest(ARRAY['an_attestation_is_stored_once', 'what_is_valid_shows_something']) AS name
WHERE NOT EXISTS (SELECT FROM pg_constraint WHERE conname = name AND connamespace = '@SERVICE@'::regnamespace);
SELECT 'more than one row shows the same', address, method FROM attestation WHERE shows IS NOT NULL
 GROUP BY fund_id, address, method, message_sha256, shows HAVING count(*) > 1;
