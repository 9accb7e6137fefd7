-- The last moment at which an answered call was known to be alive: its answer, then each `interim` event (BILL-09).
ALTER TABLE tandem_billing.answered_call ADD COLUMN alive_at timestamptz;
UPDATE tandem_billing.answered_call SET alive_at = answered_at;
ALTER TABLE tandem_billing.answered_call ALTER COLUMN alive_at SET NOT NULL;
CREATE INDEX answered_call_alive ON tandem_billing.answered_call (alive_at);

-- Ends that were told without the facts of the call, until its answer is there too.
CREATE TABLE tandem_billing.partial_end (
  call_id  text COLLATE "C" PRIMARY KEY,
  event    bytea       NOT NULL,
  at       timestamptz NOT NULL DEFAULT now()
);

-- CDRs that the closer made without the call's own end: that end replaces them when it comes after all.
CREATE TABLE tandem_billing.provisional_cdr (
  call_id    text COLLATE "C" PRIMARY KEY,
  -- lost: answered, and nobody told its end; partial: an end whose answer never came.
  kind       text COLLATE "C" NOT NULL CHECK (kind IN ('lost', 'partial')),
  started_at timestamptz NOT NULL,
  at         timestamptz NOT NULL DEFAULT now()
);

-- Billing processes, and since when each has handled all that is in the log: what the closer may conclude from.
CREATE TABLE tandem_billing.reader (
  name          text COLLATE "C" PRIMARY KEY,
  -- NULL while it is behind or the log is away.
  current_since timestamptz,
  seen_at       timestamptz NOT NULL DEFAULT now()
);

-- What each daily reconciliation found (BILL-09).
CREATE TABLE tandem_billing.reconciliation (
  day         date        PRIMARY KEY,
  at          timestamptz NOT NULL DEFAULT now(),
  differences integer     NOT NULL,
  report      jsonb       NOT NULL
);
-- Entries come in the order of time, so that a few bytes for many pages tell which ones hold a day.
CREATE INDEX ledger_at ON tandem_billing.ledger USING brin (at);
