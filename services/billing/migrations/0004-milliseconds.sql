-- From the answer to the moment to which the call is charged (BILL-11). NULL in rows of the version before, whose events tell it.
ALTER TABLE tandem_billing.cdr ADD COLUMN duration_ms bigint;
