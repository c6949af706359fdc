-- What chains say is stored like what custodians say, under sources named chain:bitcoin and so on, and always with how sure it is.
ALTER TABLE balance
  ADD COLUMN certainty text CHECK (certainty IN ('agreed', 'proven', 'single_source', 'unsure')),
  ADD COLUMN doubts text NOT NULL DEFAULT '[]', -- JSON: why it is not sure
  ADD CHECK ((source LIKE 'chain:%') = (certainty IS NOT NULL)),
  ADD CHECK ((certainty IS NOT DISTINCT FROM 'unsure') = (doubts <> '[]'));
ALTER TABLE balance ALTER COLUMN doubts DROP DEFAULT;
