-- The official price at which roll-forwards of an asset that end at one instant are shown in dollars: frozen with the
-- row, whatever pricing says later.
CREATE TABLE row_price (
  fund_id text NOT NULL CHECK (fund_id <> ''),
  asset text NOT NULL CHECK (asset <> ''),
  to_ns bigint NOT NULL,
  price numeric NOT NULL CHECK (price > 0), -- dollars of one coin
  price_date date NOT NULL,
  valuation_ns bigint NOT NULL,
  hash text NOT NULL CHECK (hash <> ''),
  source text NOT NULL,
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (fund_id, asset, to_ns),
  CHECK (valuation_ns >= to_ns)
);
SELECT grant_append_only('row_price');
CREATE INDEX roll_forward_end ON roll_forward (fund_id, asset, to_ns);
