-- Each statement must return no row.
SELECT 'a key of ' || c.conrelid::regclass || ' does not begin with fund_id'
FROM pg_constraint c
JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
WHERE c.contype IN ('p', 'u') AND a.attname <> 'fund_id'
  AND c.conrelid IN ('dealing_head'::regclass, 'participant'::regclass, 'participant_standing'::regclass,
                     'dealing_order'::regclass, 'order_event'::regclass, 'order_standing'::regclass,
                     'order_acceptance'::regclass, 'order_price'::regclass, 'order_settlement'::regclass,
                     'coin_reserve'::regclass, 'order_reservation'::regclass);

SELECT 'may be changed: ' || t.name || ' ' || p.privilege
FROM unnest(ARRAY['participant', 'participant_standing', 'dealing_order', 'order_event', 'order_acceptance', 'order_price',
                  'order_settlement', 'order_reservation']) AS t (name),
     unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE']) AS p (privilege)
WHERE has_table_privilege('@ROLE@', t.name, p.privilege);

SELECT 'missing constraint ' || wanted
FROM unnest(ARRAY['acceptor_did_not_place_it', 'an_order_settles_once', 'no_coin_is_promised_twice', 'whole_creation_units',
                  'no_more_settles_than_was_ordered']) AS wanted
WHERE NOT EXISTS (SELECT FROM pg_constraint WHERE conname = wanted);
