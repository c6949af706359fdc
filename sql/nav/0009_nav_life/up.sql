-- The life of a NAV after its strike: further versions beside the first, what each check measured, publication; what
-- others say of the fund's coins; NAV errors; contingent NAVs. All append-only.

ALTER TABLE nav ADD COLUMN kind text NOT NULL DEFAULT 'strike' CHECK (kind IN ('strike', 'again', 'restatement'));
ALTER TABLE nav ADD COLUMN reason text NOT NULL DEFAULT '';
ALTER TABLE nav ADD CONSTRAINT a_first_version_is_a_strike CHECK ((kind = 'strike') = (version = 1));
ALTER TABLE nav ADD CONSTRAINT a_further_version_has_a_reason CHECK ((kind = 'strike') = (reason = ''));

ALTER TABLE nav_check ADD COLUMN measured text NOT NULL DEFAULT '';
ALTER TABLE nav_check ADD COLUMN threshold text NOT NULL DEFAULT '';

-- One a version; of what was approved, by somebody who did not strike it, once nothing blocks it (the trigger).
CREATE TABLE nav_publication (
  fund_id text NOT NULL,
  valuation_date date NOT NULL,
  version integer NOT NULL,
  struck_by text NOT NULL,
  published_by text NOT NULL CHECK (published_by <> ''),
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (fund_id, valuation_date, version),
  FOREIGN KEY (fund_id, valuation_date, version) REFERENCES nav_approval,
  FOREIGN KEY (fund_id, valuation_date, version, struck_by)
    REFERENCES nav (fund_id, valuation_date, version, struck_by),
  CONSTRAINT publisher_is_not_the_striker CHECK (published_by <> struck_by)
);
-- A check that failed or could not be measured blocks until two people set it aside. The wall behind the domain's rule.
CREATE FUNCTION refuse_blocked_publication() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM nav_check c
             WHERE c.fund_id = NEW.fund_id AND c.valuation_date = NEW.valuation_date AND c.version = NEW.version
               AND c.status <> 'passed'
               AND (SELECT count(*) FROM nav_override o
                    WHERE o.fund_id = c.fund_id AND o.valuation_date = c.valuation_date AND o.version = c.version
                      AND o.name = c.name) < 2) THEN
    RAISE EXCEPTION 'a check blocks publication: constraint "published_only_when_nothing_blocks"'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'published_only_when_nothing_blocks';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER unblocked_publication BEFORE INSERT ON nav_publication
  FOR EACH ROW EXECUTE FUNCTION refuse_blocked_publication();

-- What a custodian or a staking provider says on a day, as it was recorded; the newest number stands.
CREATE TABLE nav_evidence (
  fund_id text NOT NULL REFERENCES fund,
  valuation_date date NOT NULL,
  kind text NOT NULL CHECK (kind IN ('custody', 'staking')),
  number integer NOT NULL CHECK (number > 0),
  content text NOT NULL CHECK (content <> ''),  -- canonical JSON
  content_hash bytea NOT NULL CHECK (octet_length(content_hash) = 32),
  recorded_by text NOT NULL CHECK (recorded_by <> ''),
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (fund_id, valuation_date, kind, number),
  UNIQUE (fund_id, valuation_date, kind, content_hash)
);

-- What was reported of a NAV error, as the board read it.
CREATE TABLE nav_error_report (
  fund_id text NOT NULL REFERENCES fund,
  number integer NOT NULL CHECK (number > 0),
  content text NOT NULL CHECK (content <> ''),
  content_hash bytea NOT NULL CHECK (octet_length(content_hash) = 32),
  made_by text NOT NULL CHECK (made_by <> ''),
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (fund_id, number),
  UNIQUE (fund_id, content_hash)
);

-- Apart from the struck NAVs: nothing refers to these, so none of them can be approved or published.
CREATE TABLE nav_contingent (
  fund_id text NOT NULL REFERENCES fund,
  valuation_date date NOT NULL,
  number integer NOT NULL CHECK (number > 0),
  content text NOT NULL CHECK (content <> ''),
  content_hash bytea NOT NULL CHECK (octet_length(content_hash) = 32),
  struck_by text NOT NULL CHECK (struck_by <> ''),
  known_at_ns bigint NOT NULL,
  PRIMARY KEY (fund_id, valuation_date, number),
  UNIQUE (fund_id, valuation_date, content_hash)
);

SELECT grant_append_only('nav_publication', 'nav_evidence', 'nav_error_report', 'nav_contingent');
