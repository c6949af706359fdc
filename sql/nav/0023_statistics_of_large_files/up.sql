-- After a file of many events the planner believes the tables as small as they were until autovacuum comes round, and a view of
-- an earlier knowledge time takes minutes. Who posts that many asks for statistics in the same transaction; only an owner may
-- take them.
CREATE FUNCTION analyze_books() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = @SERVICE@, pg_temp AS $$
BEGIN
  ANALYZE entry, posting, lot_movement, tax_lot_movement, coin_flow;
END $$;
GRANT EXECUTE ON FUNCTION analyze_books() TO @ROLE@;
