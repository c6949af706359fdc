-- The books: the journal of each fund, its lots and its share register. The facts (entry, posting, lot_movement,
-- share_change) are append-only; books_head, account_balance and lot hold running totals of all that was posted, whose
-- checks refuse what no journal may say: coins or cash below zero, more taken from a lot than is in it, shares below zero.
-- Amounts are whole numbers of the commodity's smallest unit (dollars: cents).

-- One row a fund, made when its books are opened; locked by whoever posts, so two never post at once.
CREATE TABLE books_head (
  fund_id text PRIMARY KEY REFERENCES fund,
  entries bigint NOT NULL CHECK (entries >= 0),  -- the last seq given
  shares numeric NOT NULL CHECK (shares >= 0)
);

CREATE TABLE commodity (
  fund_id text NOT NULL REFERENCES books_head,
  position integer NOT NULL CHECK (position >= 0),  -- 0: the dollar
  commodity text NOT NULL CHECK (commodity <> ''),
  decimals integer NOT NULL CHECK (decimals BETWEEN 0 AND 38),
  PRIMARY KEY (fund_id, commodity),
  UNIQUE (fund_id, position),
  CHECK ((position = 0) = (commodity = 'USD'))
);

CREATE TABLE account (
  fund_id text NOT NULL REFERENCES books_head,
  account text NOT NULL CHECK (account ~ '^(Assets|Liabilities|Capital|Income|Expenses|Conversion):[ -~]+$'),
  PRIMARY KEY (fund_id, account)
);

CREATE TABLE entry (
  fund_id text NOT NULL REFERENCES books_head,
  seq bigint NOT NULL CHECK (seq > 0),
  source text NOT NULL CHECK (source <> ''),
  source_id text NOT NULL CHECK (source_id <> ''),
  trade_date date NOT NULL,
  book_date date NOT NULL CHECK (book_date >= trade_date),
  settlement_date date NOT NULL CHECK (settlement_date >= trade_date),
  known_at_ns bigint NOT NULL,
  posted_by text NOT NULL CHECK (posted_by <> ''),
  kind text NOT NULL CHECK (kind <> ''),
  content text NOT NULL CHECK (content <> ''),  -- canonical JSON of the event
  content_hash bytea NOT NULL CHECK (octet_length(content_hash) = 32),
  reverses bigint CHECK (reverses < seq),
  PRIMARY KEY (fund_id, seq),
  UNIQUE (fund_id, source, source_id),  -- each source event posts once
  UNIQUE (fund_id, reverses),           -- and is reversed once
  FOREIGN KEY (fund_id, reverses) REFERENCES entry (fund_id, seq)
);
CREATE INDEX entry_by_book_date ON entry (fund_id, book_date);

-- A row moves an amount from the account credited to the account debited, so every row balances, and with it every entry
-- and every commodity: by the shape of the table, before any check.
CREATE TABLE posting (
  fund_id text NOT NULL,
  seq bigint NOT NULL,
  line integer NOT NULL CHECK (line >= 0),
  debit text NOT NULL,
  credit text NOT NULL,
  commodity text NOT NULL,
  amount numeric(39, 0) NOT NULL CHECK (amount > 0),
  PRIMARY KEY (fund_id, seq, line),
  FOREIGN KEY (fund_id, seq) REFERENCES entry,
  FOREIGN KEY (fund_id, debit) REFERENCES account,
  FOREIGN KEY (fund_id, credit) REFERENCES account,
  FOREIGN KEY (fund_id, commodity) REFERENCES commodity (fund_id, commodity),
  CHECK (debit <> credit)
);

CREATE TABLE share_change (
  fund_id text NOT NULL,
  seq bigint NOT NULL,
  change numeric(39, 0) NOT NULL CHECK (change <> 0),
  PRIMARY KEY (fund_id, seq),
  FOREIGN KEY (fund_id, seq) REFERENCES entry
);

CREATE TABLE lot_movement (
  fund_id text NOT NULL,
  seq bigint NOT NULL,
  line integer NOT NULL CHECK (line >= 0),
  asset text NOT NULL,
  lot bigint NOT NULL CHECK (lot > 0),
  quantity numeric(39, 0) NOT NULL,
  cost numeric(39, 0) NOT NULL,
  PRIMARY KEY (fund_id, seq, line),
  FOREIGN KEY (fund_id, seq) REFERENCES entry,
  FOREIGN KEY (fund_id, asset) REFERENCES commodity (fund_id, commodity)
);

-- What is left of each lot; a lot that is used up stays, with nothing in it.
CREATE TABLE lot (
  fund_id text NOT NULL,
  asset text NOT NULL,
  lot bigint NOT NULL CHECK (lot > 0),
  quantity numeric(39, 0) NOT NULL CHECK (quantity >= 0),
  cost numeric(39, 0) NOT NULL CHECK (cost >= 0),
  PRIMARY KEY (fund_id, asset, lot),
  FOREIGN KEY (fund_id, asset) REFERENCES commodity (fund_id, commodity),
  CONSTRAINT no_cost_without_coins CHECK (quantity > 0 OR cost = 0)
);
CREATE INDEX lot_open ON lot (fund_id, asset, lot) WHERE quantity > 0;  -- who posts reads these, not all there ever were

-- Positive: debit. Over everything posted, whatever its dates.
CREATE TABLE account_balance (
  fund_id text NOT NULL,
  account text NOT NULL,
  commodity text NOT NULL,
  amount numeric(39, 0) NOT NULL,
  PRIMARY KEY (fund_id, account, commodity),
  FOREIGN KEY (fund_id, account) REFERENCES account,
  FOREIGN KEY (fund_id, commodity) REFERENCES commodity (fund_id, commodity),
  CONSTRAINT nothing_held_below_zero CHECK (amount >= 0 OR account NOT LIKE 'Assets:%'),
  CONSTRAINT no_fee_paid_beyond_what_is_payable CHECK (amount <= 0 OR account NOT LIKE 'Liabilities:Fees payable:%')
);

SELECT grant_append_only('commodity', 'account', 'entry', 'posting', 'share_change', 'lot_movement');
SELECT grant_changeable('books_head', 'lot', 'account_balance');
