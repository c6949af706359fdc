-- How much a validator earns on at most, where its chain has such a bound (ether).
ALTER TABLE validator_record ADD COLUMN tokens_max numeric CHECK (tokens_max > 0);
