-- From and until when a market's tape is whole as its feed has it, gaps that were given up apart (feed_note has those): what
-- a strike waits for, and what its evidence says. A feed that begins anew begins a new span.
CREATE TABLE feed_whole (
  venue text NOT NULL,
  pair text NOT NULL,
  session_id uuid NOT NULL REFERENCES feed_session,
  from_ns bigint NOT NULL,
  until_ns bigint NOT NULL,
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (venue, pair)
);
SELECT grant_changeable('feed_whole');
-- Feeds that ran before now: whole up to their place, since their first session.
INSERT INTO feed_whole (venue, pair, session_id, from_ns, until_ns, known_at_ns)
  SELECT p.venue, p.pair, p.session_id,
         (SELECT min(s.known_at_ns) FROM feed_session s WHERE s.venue = p.venue AND p.pair = ANY (string_to_array(s.pairs, ' '))),
         p.time_ns, p.known_at_ns
    FROM feed_position p;
-- A strike asks for the notes about gaps of a pair.
CREATE INDEX feed_note_gaps ON feed_note (pair, at_ns) WHERE kind IN ('gap_found', 'gap_closed', 'gap_abandoned', 'gap_lost');
