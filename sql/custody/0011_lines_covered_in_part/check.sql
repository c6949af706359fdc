-- Each statement must return no row.
SELECT 'a line cannot be covered in part' WHERE NOT EXISTS (
  SELECT FROM pg_constraint WHERE conrelid = '@SERVICE@.reconciliation_line'::regclass
     AND conname = 'reconciliation_line_status_check' AND pg_get_constraintdef(oid) LIKE '%in_part%');
