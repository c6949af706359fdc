-- Each statement must return no row.
SELECT 'exchange_rate_approval' WHERE NOT has_table_privilege('@ROLE@', '@SERVICE@.exchange_rate_approval', 'SELECT, INSERT');
SELECT 'exchange_rate_approval' WHERE has_table_privilege('@ROLE@', '@SERVICE@.exchange_rate_approval', 'UPDATE')
  OR has_table_privilege('@ROLE@', '@SERVICE@.exchange_rate_approval', 'DELETE');
