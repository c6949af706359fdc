-- Each statement must return no row.
SELECT table_name, privilege_type FROM information_schema.role_table_grants
 WHERE grantee = '@ROLE@' AND table_schema = '@SERVICE@'
   AND table_name IN ('valuation_policy', 'manual_price', 'manual_price_approval', 'exchange_rate', 'price', 'determination',
                      'determination_step')
   AND privilege_type NOT IN ('SELECT', 'INSERT');
SELECT name FROM unnest(ARRAY['valuation_policy', 'manual_price', 'manual_price_approval', 'exchange_rate', 'price',
                              'determination', 'determination_step', 'index_head', 'asset_head']) AS name
 WHERE NOT has_table_privilege('@ROLE@', '@SERVICE@.' || name, 'SELECT, INSERT');
-- Money is exact: no column of binary floating point.
SELECT table_name, column_name FROM information_schema.columns
 WHERE table_schema = '@SERVICE@' AND data_type IN ('real', 'double precision');
