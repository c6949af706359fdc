-- Each statement must return no row.
SELECT 'what is known may go back' WHERE NOT EXISTS (
  SELECT FROM pg_trigger WHERE tgname = 'known_in_order' AND tgrelid = 'books_head'::regclass);
SELECT 'known after the head says: ' || h.fund_id FROM books_head h
WHERE EXISTS (SELECT FROM nav n WHERE n.fund_id = h.fund_id AND n.struck_at_ns > h.known_at_ns);
SELECT 'further versions have no index of their own' WHERE NOT EXISTS (
  SELECT FROM pg_class WHERE oid = 'nav_further'::regclass);
