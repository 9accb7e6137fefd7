-- When the call ended, however late that was told: a day's reconciliation counts by it (BILL-09). The default is for
-- processes that do not know of the column yet.
ALTER TABLE tandem_billing.partial_end ADD COLUMN ended_at timestamptz NOT NULL DEFAULT now();
UPDATE tandem_billing.partial_end SET ended_at = at;
