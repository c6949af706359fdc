-- An order is in the NAV on its book date whether or not the fund has its coins and dollars free: what it has not is owed
-- until the order settles. Coins stand on Assets:Owed:COIN:ORDER as a negative position, dollars as a liability.
ALTER TABLE account_balance DROP CONSTRAINT nothing_held_below_zero;
ALTER TABLE account_balance ADD CONSTRAINT nothing_held_below_zero
  CHECK (amount >= 0 OR account NOT LIKE 'Assets:%' OR account LIKE 'Assets:Owed:%');
ALTER TABLE account_balance ADD CONSTRAINT no_more_delivered_than_is_owed
  CHECK (amount <= 0 OR (account NOT LIKE 'Assets:Owed:%' AND account NOT LIKE 'Liabilities:Orders payable:%'));

-- An execution difference recorded by hand has two voices; cash in lieu can be taken back.
ALTER TABLE order_event DROP CONSTRAINT order_event_event_check;
ALTER TABLE order_event ADD CONSTRAINT order_event_event_check
  CHECK (event IN ('placed', 'accepted', 'rejected', 'cancelled', 'execution_proposed', 'execution', 'cash_in_lieu',
                   'cash_in_lieu_withdrawn', 'priced', 'settled', 'failed', 'collateral_received', 'collateral_returned',
                   'closed_out', 'repriced'));
