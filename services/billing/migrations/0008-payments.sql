-- A payment says what it is, who booked it, and what there was after it (BILL-10). NULL in entries of the version before.
ALTER TABLE tandem_billing.ledger
  ADD COLUMN payment_kind  text COLLATE "C" CHECK (payment_kind IN ('payment', 'recharge', 'refund', 'correction')),
  ADD COLUMN booked_by     text COLLATE "C",
  ADD COLUMN balance_after numeric;
-- The record of payments, newest first; calls, of which there are thousands for each, are not in it.
CREATE INDEX ledger_payments ON tandem_billing.ledger (at DESC, account, reference) WHERE kind = 'payment';
