-- OPS-11. Names compare by bytes ("C").

-- One pod of the api evaluates at a time. The term goes up with each that takes over: who was slow stores nothing any more.
CREATE TABLE tandem_api.alarm_lease (
  name   text COLLATE "C" PRIMARY KEY,
  holder text COLLATE "C" NOT NULL,
  term   bigint      NOT NULL,
  until  timestamptz NOT NULL
);

CREATE TABLE tandem_api.alarm (
  id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  rule            text COLLATE "C" NOT NULL,
  subject         text COLLATE "C" NOT NULL,
  figure          text COLLATE "C" NOT NULL,
  severity        text COLLATE "C" NOT NULL,
  summary         text        NOT NULL,
  -- Of the rule: what is to be done.
  note            text        NOT NULL,
  is_built_in     boolean     NOT NULL,
  -- As it is now, or was last; in words where a number does not tell it.
  value           double precision NOT NULL,
  value_text      text        NOT NULL,
  comparison      text COLLATE "C" NOT NULL,
  threshold       double precision NOT NULL,
  raised_at       timestamptz NOT NULL,
  cleared_at      timestamptz,
  cleared_why     text COLLATE "C",
  acknowledged_at timestamptz,
  acknowledged_by text COLLATE "C",
  acknowledged_note text
);
-- An alarm is raised once, whoever evaluates.
CREATE UNIQUE INDEX alarm_raised ON tandem_api.alarm (rule, subject) WHERE cleared_at IS NULL;
CREATE INDEX alarm_cleared ON tandem_api.alarm (cleared_at);

-- What is on its way: who takes over goes on from here.
CREATE TABLE tandem_api.alarm_state (
  rule       text COLLATE "C" NOT NULL,
  subject    text COLLATE "C" NOT NULL,
  phase      text COLLATE "C" NOT NULL,
  since      timestamptz NOT NULL,
  back_since timestamptz,
  PRIMARY KEY (rule, subject)
);

-- How the last round of each rule went; empty: it is known.
CREATE TABLE tandem_api.alarm_round (
  rule    text COLLATE "C" PRIMARY KEY,
  at      timestamptz NOT NULL,
  unknown text        NOT NULL
);

-- Counters as they were read last, and what they grew by: what a window is made of.
CREATE TABLE tandem_api.alarm_series (
  series text COLLATE "C" PRIMARY KEY,
  raw    jsonb NOT NULL
);
CREATE TABLE tandem_api.alarm_sample (
  series text COLLATE "C" NOT NULL,
  at     timestamptz NOT NULL,
  counts jsonb NOT NULL,
  PRIMARY KEY (series, at)
);

-- Written with the change that it tells, in one transaction: no pod that dies loses one.
CREATE TABLE tandem_api.alarm_notification (
  id            uuid PRIMARY KEY,
  seq           bigint GENERATED ALWAYS AS IDENTITY,
  channel       text COLLATE "C" NOT NULL,
  rule          text COLLATE "C" NOT NULL,
  kind          text COLLATE "C" NOT NULL,
  alarms        bigint[]    NOT NULL,
  -- Text, not jsonb: it is signed, and sent the same each time.
  body          text        NOT NULL,
  created_at    timestamptz NOT NULL,
  attempts      integer     NOT NULL DEFAULT 0,
  next_at       timestamptz NOT NULL,
  claimed_until timestamptz NOT NULL,
  sent_at       timestamptz,
  given_up_at   timestamptz,
  last_error    text        NOT NULL DEFAULT ''
);
CREATE INDEX alarm_notification_waiting ON tandem_api.alarm_notification (channel, rule, seq)
  WHERE sent_at IS NULL AND given_up_at IS NULL;
CREATE INDEX alarm_notification_alarms ON tandem_api.alarm_notification USING gin (alarms);
CREATE INDEX alarm_notification_created ON tandem_api.alarm_notification (created_at);
