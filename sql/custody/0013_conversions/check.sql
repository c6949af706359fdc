-- Each statement must return no row.
SELECT 'takes no conversion: ' || t.name FROM unnest(ARRAY['movement_limit', 'movement']) AS t (name)
WHERE NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conrelid = ('@SERVICE@.' || t.name)::regclass
                   AND c.conname = t.name || '_movement_check' AND pg_get_constraintdef(c.oid) LIKE '%convert%');
