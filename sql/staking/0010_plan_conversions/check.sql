-- Each statement must return no row.
SELECT 'missing constraint ' || name
FROM unnest(ARRAY['a_conversion_has_a_rate', 'a_conversion_is_a_tokens']) AS name
WHERE NOT EXISTS (SELECT FROM pg_constraint WHERE conname = name AND connamespace = '@SERVICE@'::regnamespace);
