-- A sighting's foreign key is looked up by the line's primary key. The unique index began with the same three columns, which cost
-- a planner without statistics the same: it then read all lines of a reconciliation for each break. This one cannot be taken for it.
ALTER TABLE reconciliation_line DROP CONSTRAINT reconciliation_line_fund_id_recon_date_number_asset_place_key;
ALTER TABLE reconciliation_line ADD CONSTRAINT reconciliation_line_once UNIQUE (fund_id, asset, place, recon_date, number);
