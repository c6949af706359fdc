-- What the books lacked: lots with their day of acquisition, the tax book with lots by wallet or account, what came and
-- went by cause, splits as ratios, lots identified before a disposal, and closed periods.

ALTER TABLE lot ADD COLUMN acquired date;
UPDATE lot SET acquired = (
  SELECT min(e.trade_date) FROM lot_movement m JOIN entry e USING (fund_id, seq)
  WHERE m.fund_id = lot.fund_id AND m.asset = lot.asset AND m.lot = lot.lot);
ALTER TABLE lot ALTER COLUMN acquired SET NOT NULL;

-- The tax book: a lot keeps its number, its cost and its day when it moves to another place ('' is the main account).
CREATE TABLE tax_lot (
  fund_id text NOT NULL,
  asset text NOT NULL,
  lot bigint NOT NULL CHECK (lot > 0),
  place text NOT NULL CHECK (octet_length(place) <= 100),
  acquired date NOT NULL,
  quantity numeric(39, 0) NOT NULL CHECK (quantity >= 0),
  cost numeric(39, 0) NOT NULL CHECK (cost >= 0),
  PRIMARY KEY (fund_id, asset, lot, place),
  FOREIGN KEY (fund_id, asset) REFERENCES commodity (fund_id, commodity),
  CONSTRAINT no_tax_cost_without_coins CHECK (quantity > 0 OR cost = 0)
);
CREATE INDEX tax_lot_open ON tax_lot (fund_id, asset, place, lot) WHERE quantity > 0;

CREATE TABLE tax_lot_movement (
  fund_id text NOT NULL,
  seq bigint NOT NULL,
  line integer NOT NULL CHECK (line >= 0),
  asset text NOT NULL,
  lot bigint NOT NULL CHECK (lot > 0),
  place text NOT NULL,
  quantity numeric(39, 0) NOT NULL,
  cost numeric(39, 0) NOT NULL,
  PRIMARY KEY (fund_id, seq, line),
  FOREIGN KEY (fund_id, seq) REFERENCES entry,
  FOREIGN KEY (fund_id, asset) REFERENCES commodity (fund_id, commodity)
);

-- Coins that came (positive) or went (negative), in each book: what a roll-forward and a realised gain are made of.
CREATE TABLE coin_flow (
  fund_id text NOT NULL,
  seq bigint NOT NULL,
  book text NOT NULL CHECK (book IN ('gaap', 'tax')),
  line integer NOT NULL CHECK (line >= 0),
  asset text NOT NULL,
  place text NOT NULL,
  cause text NOT NULL CHECK (cause IN ('opening_lot', 'creation', 'purchase', 'reward', 'receipt', 'sale', 'redemption',
                                       'expense', 'penalty', 'swap', 'distribution', 'restatement')),
  quantity numeric(39, 0) NOT NULL,
  cost numeric(39, 0) NOT NULL,
  value numeric(39, 0) NOT NULL,
  is_recognised boolean NOT NULL,  -- false: no taxable gain (in kind, a regulated investment company)
  PRIMARY KEY (fund_id, seq, book, line),
  FOREIGN KEY (fund_id, seq) REFERENCES entry,
  FOREIGN KEY (fund_id, asset) REFERENCES commodity (fund_id, commodity)
);

-- A split multiplies the shares posted before it. Its reversal divides them.
CREATE TABLE share_split (
  fund_id text NOT NULL,
  seq bigint NOT NULL,
  ratio numeric NOT NULL CHECK (ratio > 0),  -- new shares for one
  is_inverse boolean NOT NULL,
  PRIMARY KEY (fund_id, seq),
  FOREIGN KEY (fund_id, seq) REFERENCES entry
);
INSERT INTO share_split
  SELECT e.fund_id, e.seq, (coalesce(o.content, e.content)::jsonb->>'ratio')::numeric, e.reverses IS NOT NULL
  FROM entry e LEFT JOIN entry o ON o.fund_id = e.fund_id AND o.seq = e.reverses
  WHERE coalesce(o.kind, e.kind) = 'split';

-- Funds with books take up the tax book from what their lots are: same lots, at the main account.
INSERT INTO tax_lot SELECT fund_id, asset, lot, '', acquired, quantity, cost FROM lot;
INSERT INTO tax_lot_movement SELECT fund_id, seq, line, asset, lot, '', quantity, cost FROM lot_movement;
-- And what came and went, at what was given for it: the event's value, or its cash, or the cost.
INSERT INTO coin_flow
  SELECT m.fund_id, m.seq, b.book, row_number() OVER (PARTITION BY m.fund_id, m.seq, b.book ORDER BY m.asset) - 1,
         m.asset, '', m.kind, m.quantity, m.cost,
         CASE WHEN m.quantity > 0 AND NOT m.is_reversal THEN m.cost
              WHEN m.kind = 'penalty' THEN 0
              WHEN m.is_reversal AND m.quantity < 0 THEN m.cost
              ELSE sign(m.quantity) * 100 * coalesce(
                (SELECT sum((c->>'value')::numeric) FROM jsonb_array_elements(m.event->'components') c
                 WHERE c->>'asset' = m.asset),
                (m.event->>'value')::numeric, (m.event->>'cash')::numeric, 0) END,
         NOT (b.book = 'tax' AND m.kind = 'redemption')
  FROM (SELECT l.fund_id, l.seq, l.asset, sum(l.quantity) AS quantity, sum(l.cost) AS cost,
               e.reverses IS NOT NULL AS is_reversal, coalesce(o.content, e.content)::jsonb AS event,
               CASE coalesce(o.kind, e.kind) WHEN 'fee_paid_in_kind' THEN 'expense' ELSE coalesce(o.kind, e.kind) END AS kind
        FROM lot_movement l JOIN entry e USING (fund_id, seq)
        LEFT JOIN entry o ON o.fund_id = e.fund_id AND o.seq = e.reverses
        GROUP BY l.fund_id, l.seq, l.asset, e.reverses, o.content, e.content, o.kind, e.kind
        HAVING sum(l.quantity) <> 0) m,
       (VALUES ('gaap'), ('tax')) AS b (book);

-- Lots that somebody named for a disposal that was still to come. One for each book and asset of it; it stays.
CREATE TABLE lot_identification (
  fund_id text NOT NULL REFERENCES books_head,
  source text NOT NULL CHECK (source <> ''),
  source_id text NOT NULL CHECK (source_id <> ''),
  book text NOT NULL CHECK (book IN ('gaap', 'tax')),
  asset text NOT NULL,
  picks text NOT NULL CHECK (picks <> ''),  -- canonical JSON: [[lot, quantity in smallest units], ...]
  recorded_by text NOT NULL CHECK (recorded_by <> ''),
  recorded_at_ns bigint NOT NULL,
  PRIMARY KEY (fund_id, source, source_id, book, asset),
  UNIQUE (fund_id, source, source_id, book, asset, recorded_at_ns),
  FOREIGN KEY (fund_id, asset) REFERENCES commodity (fund_id, commodity)
);
CREATE TABLE lot_identification_use (
  fund_id text NOT NULL,
  seq bigint NOT NULL,
  source text NOT NULL,
  source_id text NOT NULL,
  book text NOT NULL,
  asset text NOT NULL,
  recorded_at_ns bigint NOT NULL,
  disposed_at_ns bigint NOT NULL,
  PRIMARY KEY (fund_id, seq, book, asset),
  FOREIGN KEY (fund_id, seq) REFERENCES entry,
  FOREIGN KEY (fund_id, source, source_id, book, asset, recorded_at_ns)
    REFERENCES lot_identification (fund_id, source, source_id, book, asset, recorded_at_ns),
  CONSTRAINT identified_before_the_disposal CHECK (recorded_at_ns < disposed_at_ns)
);

-- Periods. The head says through which day the books are closed; each close and each reopening is a row that stays.
ALTER TABLE books_head ADD COLUMN closed_through date;
ALTER TABLE books_head ADD COLUMN reopenings integer NOT NULL DEFAULT 0;  -- number of the last one carried out
CREATE TABLE period_close (
  fund_id text NOT NULL REFERENCES books_head,
  number integer NOT NULL CHECK (number > 0),
  closed_through date NOT NULL,
  entries bigint NOT NULL CHECK (entries >= 0),  -- the last seq then
  closed_by text NOT NULL CHECK (closed_by <> ''),
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (fund_id, number)
);
CREATE TABLE period_reopening (
  fund_id text NOT NULL REFERENCES books_head,
  number integer NOT NULL CHECK (number > 0),
  open_from date NOT NULL,  -- this day and what follows
  reason text NOT NULL CHECK (reason <> ''),
  asked_by text NOT NULL CHECK (asked_by <> ''),
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (fund_id, number),
  UNIQUE (fund_id, number, asked_by)
);
CREATE TABLE period_reopening_approval (
  fund_id text NOT NULL,
  number integer NOT NULL,
  asked_by text NOT NULL,
  approved_by text NOT NULL CHECK (approved_by <> ''),
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (fund_id, number),
  FOREIGN KEY (fund_id, number, asked_by) REFERENCES period_reopening (fund_id, number, asked_by),
  CONSTRAINT nobody_reopens_alone CHECK (approved_by <> asked_by)
);

-- A second wall behind the domain's rules, which are asked under the lock of books_head that every poster and every
-- closer holds: so no entry slips past a close. Once a statement, however many entries it adds.
CREATE FUNCTION refuse_inadmissible_entries() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM added a JOIN books_head h USING (fund_id) WHERE a.book_date <= h.closed_through) THEN
    RAISE EXCEPTION 'an entry lies in a closed period'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_in_closed_period';
  END IF;
  IF EXISTS (SELECT FROM added a JOIN entry e ON e.fund_id = a.fund_id AND e.seq = a.reverses
             WHERE e.reverses IS NOT NULL) THEN
    RAISE EXCEPTION 'a reversal is reversed'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'no_reversal_of_a_reversal';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER admissible_entries AFTER INSERT ON entry REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_inadmissible_entries();

-- What was closed opens only by a reopening that a second person approved, once.
CREATE FUNCTION refuse_unapproved_reopening() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.reopenings = OLD.reopenings + 1 AND EXISTS (
       SELECT FROM period_reopening r JOIN period_reopening_approval a USING (fund_id, number)
       WHERE r.fund_id = NEW.fund_id AND r.number = NEW.reopenings AND NEW.closed_through = r.open_from - 1) THEN
    RETURN NEW;
  END IF;
  IF NEW.reopenings = OLD.reopenings AND NEW.closed_through >= coalesce(OLD.closed_through, '-infinity') THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'a closed period is reopened by two people'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'reopened_by_two_people';
END $$;
CREATE TRIGGER approved_reopening BEFORE UPDATE OF closed_through, reopenings ON books_head
  FOR EACH ROW EXECUTE FUNCTION refuse_unapproved_reopening();

SELECT grant_append_only('tax_lot_movement', 'coin_flow', 'share_split', 'lot_identification', 'lot_identification_use',
                         'period_close', 'period_reopening', 'period_reopening_approval');
SELECT grant_changeable('tax_lot');
