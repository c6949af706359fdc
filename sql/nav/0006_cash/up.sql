-- Dollars beside the books: bank accounts and statements, what is proposed by one person and approved by another (bank
-- accounts, payees, limits, wires, coin trades), the blotter of trades, share positions of transfer agent and depository,
-- indicative values. Facts are append-only; cash_head is the lock under which decisions on a fund's cash are made.
CREATE TABLE cash_head (
  fund_id text PRIMARY KEY REFERENCES fund,
  proposals bigint NOT NULL CHECK (proposals >= 0)  -- how many were made
);

CREATE TABLE cash_proposal (
  fund_id text NOT NULL REFERENCES cash_head,
  kind text NOT NULL CHECK (kind IN ('bank_account', 'payee', 'limits', 'wire', 'trade')),
  proposal_id text NOT NULL CHECK (proposal_id <> ''),
  seq bigint NOT NULL CHECK (seq > 0),
  content text NOT NULL CHECK (content <> ''),  -- canonical JSON
  content_hash bytea NOT NULL CHECK (octet_length(content_hash) = 32),
  account text,                                  -- of limits and of a wire, by our name for it
  amount numeric CHECK (amount > 0),             -- of a wire, in dollars
  value_date date,                               -- of a wire; the day of a trade
  proposed_by text NOT NULL CHECK (proposed_by <> ''),
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (fund_id, kind, proposal_id),
  UNIQUE (fund_id, seq),
  UNIQUE (fund_id, kind, proposal_id, proposed_by),  -- so that a decision can carry the proposer's name
  CHECK ((kind = 'wire') = (amount IS NOT NULL)),
  CHECK ((kind IN ('wire', 'trade')) = (value_date IS NOT NULL))
);

CREATE TABLE cash_decision (
  fund_id text NOT NULL,
  kind text NOT NULL,
  proposal_id text NOT NULL,
  proposed_by text NOT NULL,
  is_approved boolean NOT NULL,
  decided_by text NOT NULL CHECK (decided_by <> ''),
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (fund_id, kind, proposal_id, is_approved),  -- an approval, and a withdrawal
  FOREIGN KEY (fund_id, kind, proposal_id, proposed_by)
    REFERENCES cash_proposal (fund_id, kind, proposal_id, proposed_by),
  CONSTRAINT nobody_approves_their_own_cash_proposal CHECK (NOT is_approved OR decided_by <> proposed_by)
);

-- A wire leaves once: the key. It must have been approved: the foreign key.
CREATE TABLE wire_release (
  fund_id text NOT NULL,
  wire_id text NOT NULL,
  kind text NOT NULL CHECK (kind = 'wire'),
  is_approved boolean NOT NULL CHECK (is_approved),
  instruction text NOT NULL CHECK (instruction <> ''),  -- canonical JSON, the exact bytes that leave
  instruction_hash bytea NOT NULL CHECK (octet_length(instruction_hash) = 32),
  released_by text NOT NULL CHECK (released_by <> ''),
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (fund_id, wire_id),
  FOREIGN KEY (fund_id, kind, wire_id, is_approved) REFERENCES cash_decision (fund_id, kind, proposal_id, is_approved)
);

CREATE TABLE bank_statement (
  fund_id text NOT NULL REFERENCES cash_head,
  account text NOT NULL,
  statement_id text NOT NULL CHECK (statement_id <> ''),
  format text NOT NULL,
  date_from date NOT NULL,
  date_to date NOT NULL CHECK (date_to >= date_from),
  opening numeric NOT NULL,
  closing numeric NOT NULL,
  line_count integer NOT NULL CHECK (line_count >= 0),
  content_hash bytea NOT NULL CHECK (octet_length(content_hash) = 32),
  imported_by text NOT NULL CHECK (imported_by <> ''),
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (fund_id, account, statement_id),
  -- Statements of an account are one chain: each begins with the closing balance of one before, ends after it, and none has
  -- two successors. So days cannot overlap and none can be left out, whoever imports; the domain says it in words first.
  previous_to date,  -- last day of the statement before; null: the first
  UNIQUE (fund_id, account, date_to),
  UNIQUE (fund_id, account, date_to, closing),
  UNIQUE (fund_id, account, previous_to),
  CONSTRAINT statement_overlaps CHECK (previous_to < date_from),
  CONSTRAINT statement_does_not_follow FOREIGN KEY (fund_id, account, previous_to, opening)
    REFERENCES bank_statement (fund_id, account, date_to, closing)
);
CREATE UNIQUE INDEX one_first_statement ON bank_statement (fund_id, account) WHERE previous_to IS NULL;

CREATE TABLE bank_line (
  fund_id text NOT NULL,
  account text NOT NULL,
  statement_id text NOT NULL,
  line integer NOT NULL CHECK (line > 0),
  reference text NOT NULL,           -- the bank's; may be empty
  customer_reference text NOT NULL,  -- ours
  amount numeric NOT NULL CHECK (amount <> 0),  -- positive: came in
  booked date NOT NULL,
  value_date date NOT NULL,
  type text NOT NULL,
  memo text NOT NULL,
  PRIMARY KEY (fund_id, account, statement_id, line),
  FOREIGN KEY (fund_id, account, statement_id) REFERENCES bank_statement
);
CREATE INDEX bank_line_by_reference ON bank_line (fund_id, account, reference) WHERE reference <> '';

-- Pairs that a person named where no rule finds them.
CREATE TABLE bank_match (
  fund_id text NOT NULL,
  account text NOT NULL,
  statement_id text NOT NULL,
  line integer NOT NULL,
  entry bigint NOT NULL,
  reason text NOT NULL CHECK (reason <> ''),
  matched_by text NOT NULL CHECK (matched_by <> ''),
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (fund_id, account, statement_id, line),
  UNIQUE (fund_id, entry),
  FOREIGN KEY (fund_id, account, statement_id, line) REFERENCES bank_line,
  FOREIGN KEY (fund_id, entry) REFERENCES entry (fund_id, seq)
);

-- A part of a trade that was done; its entry in the journal is (trades, TRADE/EXECUTION).
CREATE TABLE trade_execution (
  fund_id text NOT NULL,
  trade_id text NOT NULL,
  execution_id text NOT NULL CHECK (execution_id <> ''),
  kind text NOT NULL CHECK (kind = 'trade'),
  is_approved boolean NOT NULL CHECK (is_approved),
  position integer NOT NULL CHECK (position > 0),
  trade_date date NOT NULL,
  settlement_date date NOT NULL CHECK (settlement_date >= trade_date),
  quantity numeric NOT NULL CHECK (quantity > 0),
  price numeric NOT NULL CHECK (price > 0),
  fee numeric NOT NULL CHECK (fee >= 0),
  cash numeric NOT NULL CHECK (cash > 0),
  executed_by text NOT NULL CHECK (executed_by <> ''),
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (fund_id, trade_id, execution_id),
  UNIQUE (fund_id, trade_id, position),
  FOREIGN KEY (fund_id, kind, trade_id, is_approved) REFERENCES cash_decision (fund_id, kind, proposal_id, is_approved)
);

-- What of an execution falls to each order.
CREATE TABLE trade_allocation (
  fund_id text NOT NULL,
  trade_id text NOT NULL,
  execution_id text NOT NULL,
  order_id text NOT NULL CHECK (order_id <> ''),
  quantity numeric NOT NULL,
  cash numeric NOT NULL,
  PRIMARY KEY (fund_id, trade_id, execution_id, order_id),
  FOREIGN KEY (fund_id, trade_id, execution_id) REFERENCES trade_execution
);

CREATE TABLE trade_confirmation (
  fund_id text NOT NULL,
  trade_id text NOT NULL,
  execution_id text NOT NULL,
  reference text NOT NULL CHECK (reference <> ''),  -- the counterparty's
  content text NOT NULL CHECK (content <> ''),      -- canonical JSON
  differences text NOT NULL,                        -- empty: it agrees
  recorded_by text NOT NULL CHECK (recorded_by <> ''),
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (fund_id, trade_id, execution_id, reference),
  FOREIGN KEY (fund_id, trade_id, execution_id) REFERENCES trade_execution
);
CREATE UNIQUE INDEX confirmed_once ON trade_confirmation (fund_id, trade_id, execution_id) WHERE differences = '';

CREATE TABLE trade_settlement (
  fund_id text NOT NULL,
  trade_id text NOT NULL,
  execution_id text NOT NULL,
  settled_on date NOT NULL,
  recorded_by text NOT NULL CHECK (recorded_by <> ''),
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (fund_id, trade_id, execution_id),
  FOREIGN KEY (fund_id, trade_id, execution_id) REFERENCES trade_execution
);

CREATE TABLE share_position (
  fund_id text NOT NULL REFERENCES fund,
  source text NOT NULL CHECK (source IN ('transfer_agent', 'depository')),
  as_of date NOT NULL,
  version integer NOT NULL CHECK (version > 0),  -- a corrected file is a further one
  holders text NOT NULL CHECK (holders <> ''),   -- canonical JSON: holder to shares
  holders_hash bytea NOT NULL CHECK (octet_length(holders_hash) = 32),
  imported_by text NOT NULL CHECK (imported_by <> ''),
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (fund_id, source, as_of, version)
);

-- Each value that was shown, with what it was made from; and each moment at which there was none, with why.
CREATE TABLE indicative_value (
  fund_id text NOT NULL REFERENCES fund,
  at_ns bigint NOT NULL,
  per_share numeric CHECK (per_share > 0),
  reason text NOT NULL,
  evidence text NOT NULL CHECK (evidence <> ''),  -- JSON: unit, adjustments, prices with their times
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (fund_id, at_ns),
  CHECK ((per_share IS NULL) = (reason <> ''))
);

SELECT grant_append_only('cash_proposal', 'cash_decision', 'wire_release', 'bank_statement', 'bank_line', 'bank_match',
                         'trade_execution', 'trade_allocation', 'trade_confirmation', 'trade_settlement',
                         'share_position', 'indicative_value');
SELECT grant_changeable('cash_head');

-- Statements as they were when a period was closed with them.
CREATE TABLE period_statements (
  fund_id text NOT NULL REFERENCES fund,
  date_to date NOT NULL,
  version integer NOT NULL CHECK (version > 0),  -- a period that was opened again is closed anew
  date_from date NOT NULL CHECK (date_from <= date_to),
  content text NOT NULL CHECK (content <> ''),   -- canonical JSON
  content_hash bytea NOT NULL CHECK (octet_length(content_hash) = 32),
  closed_by text NOT NULL CHECK (closed_by <> ''),
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (fund_id, date_to, version)
);
SELECT grant_append_only('period_statements');
