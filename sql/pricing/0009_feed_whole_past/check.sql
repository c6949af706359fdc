-- Each statement must return no row.
SELECT 'feed_whole_past' WHERE NOT has_table_privilege('@ROLE@', '@SERVICE@.feed_whole_past', 'SELECT, INSERT');
SELECT 'feed_whole_past' WHERE has_table_privilege('@ROLE@', '@SERVICE@.feed_whole_past', 'UPDATE')
  OR has_table_privilege('@ROLE@', '@SERVICE@.feed_whole_past', 'DELETE');
