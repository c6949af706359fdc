-- Each statement must return no row.
SELECT 'trade_import.trades_contradicting' WHERE NOT EXISTS (
  SELECT FROM information_schema.columns
   WHERE table_schema = '@SERVICE@' AND table_name = 'trade_import' AND column_name = 'trades_contradicting');
