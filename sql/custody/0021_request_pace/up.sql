-- When the requests of one key to one method of a custodian may leave, in order, for all processes that use it
-- (domain/request_pace.h). The key stands here by its hash. A request takes its place before it leaves.
CREATE TABLE request_pace (
  key_hash text NOT NULL CHECK (key_hash ~ '^[0-9a-f]{64}$'),
  bucket text NOT NULL CHECK (bucket <> ''),
  full_at_ns bigint NOT NULL,  -- when the bucket is full again, by the database's clock
  PRIMARY KEY (key_hash, bucket)
);
SELECT grant_changeable('request_pace');
