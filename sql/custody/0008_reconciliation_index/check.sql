-- Each statement must return no row.
SELECT 'a line is not once in its reconciliation' WHERE NOT EXISTS (
  SELECT FROM pg_constraint WHERE conrelid = '@SERVICE@.reconciliation_line'::regclass AND conname = 'reconciliation_line_once');
-- No other index of it begins with the columns of the primary key.
SELECT indexrelid::regclass FROM pg_index WHERE indrelid = '@SERVICE@.reconciliation_line'::regclass AND NOT indisprimary
   AND indkey::text LIKE (SELECT split_part(indkey::text, ' ', 1) || ' ' || split_part(indkey::text, ' ', 2) || ' %'
                            FROM pg_index WHERE indrelid = '@SERVICE@.reconciliation_line'::regclass AND indisprimary);
