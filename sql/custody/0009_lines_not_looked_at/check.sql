-- Each statement must return no row.
SELECT 'lines not looked at have no index' WHERE NOT EXISTS (
  SELECT FROM pg_index WHERE indrelid = '@SERVICE@.reconciliation_line'::regclass
     AND indexrelid = '@SERVICE@.reconciliation_line_not_looked_at'::regclass AND indpred IS NOT NULL AND indisvalid);
