-- Each statement must return no row.
-- The service reads what is kept of dropped days; only the function that drops them writes it.
SELECT 'trade_dropped_copy' WHERE NOT has_table_privilege('@ROLE@', '@SERVICE@.trade_dropped_copy', 'SELECT');
SELECT 'trade_dropped_copy' WHERE has_table_privilege('@ROLE@', '@SERVICE@.trade_dropped_copy', 'INSERT')
  OR has_table_privilege('@ROLE@', '@SERVICE@.trade_dropped_copy', 'UPDATE')
  OR has_table_privilege('@ROLE@', '@SERVICE@.trade_dropped_copy', 'DELETE');
SELECT 'drop_trade_day' WHERE NOT has_function_privilege('@ROLE@', '@SERVICE@.drop_trade_day(date, text)', 'EXECUTE');
-- It is of days that were dropped, and its columns are those of the tape.
SELECT trade_id FROM trade_dropped_copy c WHERE NOT EXISTS (SELECT FROM tape_drop d WHERE d.pair = c.pair AND d.day = day_of(c.time_ns));
SELECT a.column_name FROM information_schema.columns a
 WHERE a.table_schema = '@SERVICE@' AND a.table_name IN ('trade', 'trade_dropped_copy')
 GROUP BY a.column_name, a.ordinal_position, a.data_type HAVING count(*) <> 2;
