-- Each statement must return no row.
SELECT source, account FROM @SERVICE@.balance WHERE (source LIKE 'chain:%') <> (certainty IS NOT NULL);
