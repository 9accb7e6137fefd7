-- The order in which CDRs were stored, for those who are fed with them. NULL in rows of the version before, which are in no feed.
CREATE SEQUENCE tandem_billing.cdr_number;
ALTER TABLE tandem_billing.cdr ADD COLUMN number bigint;
ALTER TABLE tandem_billing.cdr ALTER COLUMN number SET DEFAULT nextval('tandem_billing.cdr_number');
ALTER TABLE tandem_billing.cdr_other ALTER COLUMN number SET DEFAULT nextval('tandem_billing.cdr_number');
CREATE INDEX cdr_by_number ON tandem_billing.cdr (number) WHERE number IS NOT NULL;

-- A number is given before its transaction ends, so that a higher one may be seen first. Who writes CDRs holds this lock until its end; who
-- takes it alone knows that all numbers given until then are there, or never will be.
CREATE FUNCTION tandem_billing.hold_numbers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(hashtextextended('tandem_billing.cdr_number', 0));
  RETURN NULL;
END $$;
CREATE TRIGGER hold_numbers BEFORE INSERT ON tandem_billing.cdr FOR EACH STATEMENT EXECUTE FUNCTION tandem_billing.hold_numbers();

-- What each feed was sent, and is being sent: a batch is fixed before it goes out, so that it is the same when it goes out again.
CREATE TABLE tandem_billing.feed_batch (
  feed       text COLLATE "C" NOT NULL,
  batch      bigint      NOT NULL,
  -- Numbers of CDRs: from this one on, before that one.
  from_number  bigint    NOT NULL,
  until_number bigint    NOT NULL,
  planned_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- NULL until it was taken.
  sent_at    timestamptz,
  cdrs       bigint,
  PRIMARY KEY (feed, batch)
);
