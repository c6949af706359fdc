-- Each statement must return no row.
SELECT 'feed_whole' WHERE NOT has_table_privilege('@ROLE@', '@SERVICE@.feed_whole', 'SELECT, INSERT, UPDATE');
SELECT 'feed_whole' WHERE has_table_privilege('@ROLE@', '@SERVICE@.feed_whole', 'DELETE');
