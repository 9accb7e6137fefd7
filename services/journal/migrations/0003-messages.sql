-- OPS-09. Frames of SIP messages as they came, compressed, and by which Call-IDs they are found. A partition of each for every
-- hour, UTC, so that what is too old or too much goes without a trace; the service makes and drops them.
CREATE TABLE tandem_journal.message_frame (
  -- Of the first message.
  at       timestamptz NOT NULL,
  id       bigint NOT NULL,
  last_at  timestamptz NOT NULL,
  pod      text COLLATE "C" NOT NULL,
  count    integer NOT NULL,
  records  bytea NOT NULL,
  PRIMARY KEY (at, id)
) PARTITION BY RANGE (at);
-- It is compressed already.
ALTER TABLE tandem_journal.message_frame ALTER COLUMN records SET STORAGE EXTERNAL;

CREATE TABLE tandem_journal.message_key (
  at    timestamptz NOT NULL,
  frame bigint NOT NULL,
  -- The first 64 bits of a hash of a Call-ID.
  key   bigint NOT NULL
) PARTITION BY RANGE (at);
CREATE INDEX message_key_key ON tandem_journal.message_key (key, at, frame);

-- OPS-03. What was asked for, and what was found, in batches as they came.
CREATE TABLE tandem_journal.trace (
  id         text COLLATE "C" PRIMARY KEY,
  about      text NOT NULL,
  addresses  text[] NOT NULL,
  users      text[] NOT NULL,
  created_at timestamptz NOT NULL,
  created_by text NOT NULL,
  until_at   timestamptz NOT NULL,
  ended_at   timestamptz,
  count      integer NOT NULL DEFAULT 0,
  most       integer NOT NULL
);
CREATE TABLE tandem_journal.trace_batch (
  trace   text COLLATE "C" NOT NULL REFERENCES tandem_journal.trace (id) ON DELETE CASCADE,
  -- Who writes holds the row of the trace: numbers are visible in their order.
  place   bigint GENERATED ALWAYS AS IDENTITY,
  frame   bigint NOT NULL,
  pod     text COLLATE "C" NOT NULL,
  records bytea NOT NULL,
  PRIMARY KEY (trace, place),
  UNIQUE (trace, frame)
);
