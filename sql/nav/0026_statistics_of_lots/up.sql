-- Statistics of the lots too: who looks for lots of a fund that has just got many believes that there are none.
CREATE OR REPLACE FUNCTION analyze_books() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = @SERVICE@, pg_temp AS $$
BEGIN
  ANALYZE entry, posting, lot, lot_movement, tax_lot, tax_lot_movement, coin_flow, share_change;
END $$;
