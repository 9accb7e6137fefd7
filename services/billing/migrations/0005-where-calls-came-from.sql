-- Where the call came from, without its port: operators ask for calls by it. NULL in rows of the version before, whose events tell it.
ALTER TABLE tandem_billing.cdr ADD COLUMN address text COLLATE "C";
CREATE INDEX cdr_address ON tandem_billing.cdr (address, started_at) WHERE address IS NOT NULL;
