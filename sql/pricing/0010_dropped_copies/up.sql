-- What a dropped day said about trades of days that are still kept: its rows whose id also stands on such a day, of the same
-- venue and pair. They contradict those trades, or give them their exact time, as they did before; so a rate of a kept day is
-- made from the same rows before and after, and its replay gives the same value.
CREATE TABLE trade_dropped_copy (
  LIKE trade INCLUDING CONSTRAINTS,
  PRIMARY KEY (pair, venue, trade_id, time_ns, price, size),
  CHECK (trade_id <> '')
);
SELECT grant_readable('trade_dropped_copy');

-- As in 0002_tape; and what other days need of the day is kept, and what no day needs any more goes.
CREATE OR REPLACE FUNCTION drop_trade_day(dropped date, dropped_pair text) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = @SERVICE@, pg_temp AS $$
DECLARE
  name text := 'trade_' || to_char(dropped, 'YYYYMMDD');
  first_ns bigint := (dropped - DATE '1970-01-01')::bigint * 86400000000000;
  expected bigint;
  removed bigint;
  other date;
BEGIN
  IF dropped > (clock_timestamp() AT TIME ZONE 'UTC')::date - 7 THEN
    RAISE EXCEPTION 'the tape of % is younger than a week', dropped;
  END IF;
  SELECT trades INTO expected FROM tape_drop
   WHERE day = dropped AND pair = dropped_pair AND xmin::text = pg_current_xact_id()::xid::text;
  IF expected IS NULL THEN
    RAISE EXCEPTION 'nothing says what is dropped of % on %', dropped_pair, dropped;
  END IF;
  -- Only days whose ids reach over those of the dropped one can hold a copy.
  FOR other IN
    SELECT DISTINCT o.day FROM trade_day d JOIN trade_day o USING (pair, venue)
     WHERE d.pair = dropped_pair AND d.day = dropped AND o.day <> dropped AND o.key_high >= d.key_low AND o.key_low <= d.key_high
  LOOP
    INSERT INTO trade_dropped_copy
    SELECT t.* FROM trade t
     WHERE t.pair = dropped_pair AND t.time_ns >= first_ns AND t.time_ns < first_ns + 86400000000000 AND t.trade_id <> ''
       AND EXISTS (SELECT FROM trade o
                    WHERE o.pair = dropped_pair AND o.venue = t.venue AND o.trade_id = t.trade_id
                      AND o.time_ns >= (other - DATE '1970-01-01')::bigint * 86400000000000
                      AND o.time_ns < (other - DATE '1970-01-01')::bigint * 86400000000000 + 86400000000000)
        ON CONFLICT DO NOTHING;
  END LOOP;
  -- Copies of this day's trades whose id stands on no kept day any more: else this day's own had been kept above.
  DELETE FROM trade_dropped_copy c
   WHERE c.pair = dropped_pair
     AND EXISTS (SELECT FROM trade t WHERE t.pair = dropped_pair AND t.venue = c.venue AND t.trade_id = c.trade_id
                    AND t.time_ns >= first_ns AND t.time_ns < first_ns + 86400000000000)
     AND NOT EXISTS (SELECT FROM trade_dropped_copy k WHERE k.pair = dropped_pair AND k.venue = c.venue AND k.trade_id = c.trade_id
                        AND k.time_ns >= first_ns AND k.time_ns < first_ns + 86400000000000);
  DELETE FROM trade WHERE pair = dropped_pair AND time_ns >= first_ns AND time_ns < first_ns + 86400000000000;
  GET DIAGNOSTICS removed = ROW_COUNT;
  IF removed <> expected THEN
    RAISE EXCEPTION 'of % on % there are % trades, not %', dropped_pair, dropped, removed, expected;
  END IF;
  DELETE FROM trade_day WHERE day = dropped AND pair = dropped_pair;
  IF dropped >= DATE '2009-01-01' AND NOT EXISTS (SELECT FROM trade_day WHERE day = dropped) THEN
    EXECUTE format('DROP TABLE IF EXISTS %I', name);
  END IF;
  RETURN removed;
END
$$;
