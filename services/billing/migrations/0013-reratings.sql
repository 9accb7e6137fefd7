-- A filled ledger is read once, for its index: some minutes for a hundred million entries.
SET LOCAL statement_timeout = 0;

-- What a re-rating has booked: the reference names the entry that it corrects, 'rerated call <id> <re-rating>'. NULL in all other entries.
ALTER TABLE tandem_billing.ledger ADD COLUMN rerating bigint;
CREATE INDEX ledger_rerating ON tandem_billing.ledger (call_id, rerating) WHERE rerating IS NOT NULL;

-- BILL-06. Calls of some accounts, rated once more.
CREATE TABLE tandem_billing.rerating (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  state       text COLLATE "C" NOT NULL CHECK (state IN ('previewing', 'ready', 'applying', 'applied', 'cancelled', 'failed')),
  from_at     timestamptz NOT NULL,
  until_at    timestamptz NOT NULL,
  accounts    text[]  NOT NULL,
  -- Whose rates: a version of the configuration, with imports of rates that wait to be applied.
  version     bigint  NOT NULL,
  held        jsonb   NOT NULL DEFAULT '[]',
  -- The sheets of imported rates, as they were when the preview began; NULL until then.
  sheets      jsonb,
  -- It takes back what this one has booked.
  reverses    bigint REFERENCES tandem_billing.rerating,
  note        text COLLATE "C" NOT NULL,
  created_by  text COLLATE "C" NOT NULL,
  created_at  timestamptz NOT NULL DEFAULT now(),
  applied_by  text COLLATE "C",
  finished_at timestamptz,
  cause       text COLLATE "C" NOT NULL DEFAULT '',
  -- Who works on it, and when it was last seen at it.
  owner       uuid,
  seen_at     timestamptz,
  begun       integer NOT NULL DEFAULT 0,
  -- What is counted, and the place up to which it counts.
  progress    jsonb,
  lines       bigint  NOT NULL DEFAULT 0,
  -- Lines up to this one are booked.
  booked      bigint  NOT NULL DEFAULT 0,
  applied     jsonb
);
CREATE UNIQUE INDEX rerating_reversal ON tandem_billing.rerating (reverses)
  WHERE reverses IS NOT NULL AND state NOT IN ('cancelled', 'failed');

-- Calls whose price becomes another one, and those that find no rate.
CREATE TABLE tandem_billing.rerating_line (
  rerating   bigint NOT NULL REFERENCES tandem_billing.rerating ON DELETE CASCADE,
  place      bigint NOT NULL,
  call_id    text COLLATE "C" NOT NULL,
  started_at timestamptz NOT NULL,
  -- Of the CDR: one that took its place has another.
  number     bigint,
  -- Which charge of the call: 'call' of its customer, 'cost' of its vendor.
  side       text COLLATE "C" NOT NULL,
  account    text COLLATE "C" NOT NULL,
  callee     text COLLATE "C" NOT NULL,
  -- What stood when it was previewed.
  before     numeric NOT NULL,
  -- NULL: it finds no rate, and keeps its price.
  after      numeric,
  currency   text COLLATE "C" NOT NULL,
  -- The rate in words, or why there is none.
  why        text COLLATE "C" NOT NULL,
  PRIMARY KEY (rerating, place)
);
CREATE INDEX rerating_line_unrated ON tandem_billing.rerating_line (rerating, place) WHERE after IS NULL;
