-- BILL-06. Files of another side's CDRs, and what they and ours differ by.
CREATE TABLE tandem_billing.dispute (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account    text COLLATE "C" NOT NULL,
  -- Whose price of ours is compared.
  side       text COLLATE "C" NOT NULL CHECK (side IN ('customer', 'vendor')),
  -- comparing: all lines are there, and some process compares them, or will.
  state      text COLLATE "C" NOT NULL CHECK (state IN ('receiving', 'comparing', 'done', 'failed')),
  from_at    timestamptz NOT NULL,
  until_at   timestamptz NOT NULL,
  file       text COLLATE "C" NOT NULL,
  currency   text COLLATE "C" NOT NULL,
  tolerances jsonb NOT NULL,
  -- How the file is read.
  mapping    text COLLATE "C" NOT NULL,
  -- Which attempt at sending the file counts, and its lines.
  attempt    text COLLATE "C",
  sums       jsonb,
  cause      text COLLATE "C",
  created_by text COLLATE "C" NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  done_at    timestamptz
);

-- Calls of both sides while they are compared; they go when that is done.
CREATE TABLE tandem_billing.dispute_call (
  dispute     bigint  NOT NULL REFERENCES tandem_billing.dispute ON DELETE CASCADE,
  attempt     text COLLATE "C" NOT NULL,
  is_ours     boolean NOT NULL,
  -- Line of the file, or the order in which ours were read.
  place       bigint  NOT NULL,
  -- What is the same where the numbers are.
  key         text COLLATE "C" NOT NULL,
  start_ms    bigint  NOT NULL,
  duration_ms bigint  NOT NULL,
  price       numeric,
  id          text COLLATE "C" NOT NULL,
  caller      text COLLATE "C" NOT NULL,
  callee      text COLLATE "C" NOT NULL,
  PRIMARY KEY (dispute, attempt, is_ours, place)
);

CREATE TABLE tandem_billing.dispute_difference (
  dispute bigint NOT NULL REFERENCES tandem_billing.dispute ON DELETE CASCADE,
  place   bigint NOT NULL,
  -- only-ours, only-theirs, duration, price, both.
  kind    text COLLATE "C" NOT NULL,
  ours    jsonb,
  theirs  jsonb,
  PRIMARY KEY (dispute, place)
);
