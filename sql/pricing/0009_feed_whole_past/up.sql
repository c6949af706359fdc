-- A feed that begins anew begins a new span in feed_whole; the one before is kept here, so that what was whole over a past
-- window stays so.
CREATE TABLE feed_whole_past (
  venue text NOT NULL,
  pair text NOT NULL,
  from_ns bigint NOT NULL,
  until_ns bigint NOT NULL CHECK (until_ns >= from_ns),
  session_id uuid NOT NULL REFERENCES feed_session,
  known_at_ns bigint NOT NULL, -- of the span's last mark
  PRIMARY KEY (venue, pair, from_ns, until_ns)
);
SELECT grant_append_only('feed_whole_past');
