-- How many rows of a file were stored although a trade with their id and other content is stored too: none of them is a
-- new trade, and the rate refuses all of that id.
ALTER TABLE trade_import
  ADD COLUMN trades_contradicting bigint NOT NULL DEFAULT 0 CHECK (trades_contradicting >= 0),
  ADD CONSTRAINT trade_import_rows CHECK (rows_rejected + trades_new + trades_contradicting <= rows_read);
