-- An exchange rate that a person entered counts once a second person approved it; one that the issuer itself answered
-- (`answer` is not empty) counts as it is.
ALTER TABLE exchange_rate ADD UNIQUE (token, as_of_ns, coins_per_token, source, actor);
CREATE TABLE exchange_rate_approval (
  token text NOT NULL,
  as_of_ns bigint NOT NULL,
  coins_per_token numeric NOT NULL,
  source text NOT NULL,
  proposed_by text NOT NULL,
  approved_by text NOT NULL CHECK (approved_by <> ''),
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (token, as_of_ns, coins_per_token, source),
  FOREIGN KEY (token, as_of_ns, coins_per_token, source, proposed_by)
    REFERENCES exchange_rate (token, as_of_ns, coins_per_token, source, actor),
  CONSTRAINT exchange_rate_four_eyes CHECK (approved_by <> proposed_by)
);
SELECT grant_append_only('exchange_rate_approval');
