-- A filled ledger is read once, for its index: some minutes for a hundred million entries.
SET LOCAL statement_timeout = 0;

-- The order in which entries were booked: an invoice says up to which one it goes. 0 in entries of the version before.
CREATE SEQUENCE tandem_billing.ledger_number;
ALTER TABLE tandem_billing.ledger ADD COLUMN number bigint NOT NULL DEFAULT 0;
ALTER TABLE tandem_billing.ledger ALTER COLUMN number SET DEFAULT nextval('tandem_billing.ledger_number');
-- An account's entries of a time: invoices and statements.
CREATE INDEX ledger_account_at ON tandem_billing.ledger (account, at);

-- A number is given before its transaction ends. Who books holds this lock until its end; who takes it alone knows that all numbers given
-- until then are there, or never will be.
CREATE FUNCTION tandem_billing.hold_entries() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(hashtextextended('tandem_billing.ledger_number', 0));
  RETURN NULL;
END $$;
CREATE TRIGGER hold_entries BEFORE INSERT ON tandem_billing.ledger FOR EACH STATEMENT EXECUTE FUNCTION tandem_billing.hold_entries();

-- What an invoice comes to beside its calls (taxes, the rounding to a coin), and what a credit note gives back.
ALTER TABLE tandem_billing.ledger DROP CONSTRAINT ledger_kind_check;
ALTER TABLE tandem_billing.ledger ADD CONSTRAINT ledger_kind_check
  CHECK (kind IN ('opening', 'call', 'payment', 'adjustment', 'invoice', 'credit-note')) NOT VALID;

-- BILL-06. Invoices and credit notes, and their drafts.
CREATE TABLE tandem_billing.invoice (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind         text COLLATE "C" NOT NULL CHECK (kind IN ('invoice', 'credit-note')),
  -- preparing: its lines are not there yet. issued: never changed again.
  state        text COLLATE "C" NOT NULL CHECK (state IN ('preparing', 'draft', 'issued')),
  account      text COLLATE "C" NOT NULL,
  issuer       text COLLATE "C" NOT NULL,
  -- Both NULL until it is issued. The series as it was expanded, such as INV-2026-.
  series       text COLLATE "C",
  number       bigint,
  currency     text COLLATE "C" NOT NULL,
  time_zone    text COLLATE "C" NOT NULL,
  from_at      timestamptz NOT NULL,
  until_at     timestamptz NOT NULL,
  -- It has the entries of the ledger before until_at, up to until_number, that are not both before from_at and up to since_number.
  since_number bigint NOT NULL,
  until_number bigint NOT NULL,
  -- The account's invoice before.
  previous     bigint REFERENCES tandem_billing.invoice,
  -- Of a credit note: the invoice.
  refers_to    bigint REFERENCES tandem_billing.invoice,
  -- Made at the end of a period; issued without anybody.
  is_scheduled boolean NOT NULL DEFAULT false,
  is_automatic boolean NOT NULL DEFAULT false,
  -- Parties, taxes and series as they were when it was drafted.
  terms        jsonb   NOT NULL,
  opening      numeric NOT NULL DEFAULT 0,
  payments     numeric NOT NULL DEFAULT 0,
  -- What the ledger was charged, to the last digit.
  charges      numeric NOT NULL DEFAULT 0,
  net          numeric NOT NULL DEFAULT 0,
  tax          numeric NOT NULL DEFAULT 0,
  total        numeric NOT NULL DEFAULT 0,
  closing      numeric NOT NULL DEFAULT 0,
  taxes        jsonb   NOT NULL DEFAULT '[]',
  line_count   integer NOT NULL DEFAULT 0,
  reason       text COLLATE "C",
  created_by   text COLLATE "C" NOT NULL,
  created_at   timestamptz NOT NULL DEFAULT now(),
  issued_by    text COLLATE "C",
  issued_at    timestamptz,
  due_on       date,
  UNIQUE (issuer, series, number),
  CHECK ((state = 'issued') = (number IS NOT NULL)),
  CHECK ((kind = 'credit-note') = (refers_to IS NOT NULL))
);
CREATE INDEX invoice_account ON tandem_billing.invoice (account, id);
CREATE INDEX invoice_credit ON tandem_billing.invoice (refers_to) WHERE refers_to IS NOT NULL;
-- One that is not issued, and one behind each: nothing is invoiced twice, or left out in between.
CREATE UNIQUE INDEX invoice_open ON tandem_billing.invoice (account) WHERE kind = 'invoice' AND state <> 'issued';
CREATE UNIQUE INDEX invoice_chain ON tandem_billing.invoice (account, coalesce(previous, 0)) WHERE kind = 'invoice';

CREATE TABLE tandem_billing.invoice_line (
  invoice        bigint  NOT NULL REFERENCES tandem_billing.invoice ON DELETE CASCADE,
  place          integer NOT NULL,
  -- calls, late calls, adjustments, credit; opening, payment, recharge, refund, correction, credit-note.
  kind           text COLLATE "C" NOT NULL,
  -- Prefix of the rate.
  destination    text COLLATE "C" NOT NULL,
  rate           text COLLATE "C" NOT NULL,
  entries        bigint  NOT NULL,
  billed_seconds numeric NOT NULL,
  amount         numeric NOT NULL,
  -- Of a payment.
  at             timestamptz,
  note           text COLLATE "C" NOT NULL,
  PRIMARY KEY (invoice, place)
);

CREATE TABLE tandem_billing.invoice_series (
  issuer text COLLATE "C" NOT NULL,
  series text COLLATE "C" NOT NULL,
  -- The last number that was given. It moves in the transaction that issues, so that none is left out.
  last   bigint NOT NULL,
  PRIMARY KEY (issuer, series)
);

CREATE FUNCTION tandem_billing.keep_invoice() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'invoice % is issued: it is never changed, write a credit note', OLD.id USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER keep_invoice BEFORE UPDATE OR DELETE ON tandem_billing.invoice
  FOR EACH ROW WHEN (OLD.state = 'issued') EXECUTE FUNCTION tandem_billing.keep_invoice();

CREATE FUNCTION tandem_billing.keep_invoice_line() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM tandem_billing.invoice WHERE id = coalesce(OLD.invoice, NEW.invoice) AND state = 'issued') THEN
    RAISE EXCEPTION 'invoice % is issued: its lines are never changed', coalesce(OLD.invoice, NEW.invoice) USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN coalesce(NEW, OLD);
END $$;
CREATE TRIGGER keep_invoice_line BEFORE INSERT OR UPDATE OR DELETE ON tandem_billing.invoice_line
  FOR EACH ROW EXECUTE FUNCTION tandem_billing.keep_invoice_line();
