-- Ids and names compare by bytes ("C"): nothing here is sorted for people, and index entries compare faster.

-- One row per call (BILL-03). The key holds the time so that the table can be partitioned by it (BILL-07);
-- every event of a call carries the same start. What is searched for is a column, all the rest is in `event`.
CREATE TABLE tandem_billing.cdr (
  call_id          text COLLATE "C" NOT NULL,
  started_at       timestamptz NOT NULL,
  answered_at      timestamptz,
  ended_at         timestamptz NOT NULL,
  stored_at        timestamptz NOT NULL DEFAULT now(),
  origin_kind      text COLLATE "C",
  origin           text COLLATE "C",
  gateway          text COLLATE "C",
  customer_account text COLLATE "C",
  vendor_account   text COLLATE "C",
  caller           text COLLATE "C",
  callee           text COLLATE "C",
  a_sip_call_id    text COLLATE "C",
  -- NULL where it is the call id itself.
  b_sip_call_id    text COLLATE "C",
  reason           text COLLATE "C" NOT NULL,
  code             integer     NOT NULL,
  billed_seconds   bigint      NOT NULL,
  price            numeric     NOT NULL,
  currency         text COLLATE "C",
  cost             numeric     NOT NULL,
  cost_currency    text COLLATE "C",
  -- tandem.events.v1.CallEvent.
  event            bytea       NOT NULL,
  PRIMARY KEY (call_id, started_at)
);
-- Protobuf of this size does not shrink enough to pay for the attempt.
ALTER TABLE tandem_billing.cdr ALTER COLUMN event SET STORAGE EXTERNAL;

CREATE INDEX cdr_started ON tandem_billing.cdr (started_at);
CREATE INDEX cdr_customer ON tandem_billing.cdr (customer_account, started_at) WHERE customer_account IS NOT NULL;
CREATE INDEX cdr_vendor ON tandem_billing.cdr (vendor_account, started_at) WHERE vendor_account IS NOT NULL;
CREATE INDEX cdr_origin ON tandem_billing.cdr (origin, started_at) WHERE origin IS NOT NULL;
CREATE INDEX cdr_gateway ON tandem_billing.cdr (gateway, started_at) WHERE gateway IS NOT NULL;
CREATE INDEX cdr_caller ON tandem_billing.cdr (caller, started_at) WHERE caller IS NOT NULL;
CREATE INDEX cdr_callee ON tandem_billing.cdr (callee, started_at) WHERE callee IS NOT NULL;
CREATE INDEX cdr_a_sip_call_id ON tandem_billing.cdr (a_sip_call_id) WHERE a_sip_call_id IS NOT NULL;
CREATE INDEX cdr_b_sip_call_id ON tandem_billing.cdr (b_sip_call_id) WHERE b_sip_call_id IS NOT NULL;

-- Calls that were answered and whose end has not come yet: what is left here is what a closer has to end.
CREATE TABLE tandem_billing.answered_call (
  call_id     text COLLATE "C" PRIMARY KEY,
  answered_at timestamptz NOT NULL,
  event       bytea       NOT NULL
);

-- What an account was charged or paid, never changed afterwards (BILL-01). The reference is what makes an
-- entry happen once: 'opening', 'call <id>', 'cost <id>', 'payment <reference>'.
CREATE TABLE tandem_billing.ledger (
  account   text COLLATE "C" NOT NULL,
  reference text COLLATE "C" NOT NULL,
  kind      text COLLATE "C" NOT NULL CHECK (kind IN ('opening', 'call', 'payment', 'adjustment')),
  amount    numeric     NOT NULL,
  currency  text COLLATE "C" NOT NULL,
  call_id   text COLLATE "C",
  note      text COLLATE "C",
  at        timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (account, reference)
);

-- The sum of each account's ledger, moved in the transaction that adds the entry.
CREATE TABLE tandem_billing.account_balance (
  account  text COLLATE "C" PRIMARY KEY,
  currency text COLLATE "C" NOT NULL,
  balance  numeric NOT NULL,
  entries  bigint  NOT NULL,
  -- Grows with each change, also over a restore of the database: microseconds since the epoch.
  version  bigint  NOT NULL
) WITH (fillfactor = 50);

-- What could not be read or rated, with its cause, so that it is seen and never blocks (BILL-04).
CREATE TABLE tandem_billing.dead_event (
  position text COLLATE "C" PRIMARY KEY,
  cause    text COLLATE "C" NOT NULL,
  value    bytea       NOT NULL,
  at       timestamptz NOT NULL DEFAULT now()
);
