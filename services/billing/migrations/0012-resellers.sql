-- Each partition is read once, for its index: some minutes for a hundred million CDRs.
SET LOCAL statement_timeout = 0;
SET LOCAL lock_timeout = 0;

-- BILL-01. What the resellers above the customer owe for the call, from the one next to it on up: account, price, currency, billedSeconds,
-- prefix of the rate. NULL: nobody is above it. It goes with the CDR's day.
ALTER TABLE tandem_billing.cdr ADD COLUMN levels jsonb;
CREATE INDEX cdr_levels ON tandem_billing.cdr USING gin (levels jsonb_path_ops) WHERE levels IS NOT NULL;
