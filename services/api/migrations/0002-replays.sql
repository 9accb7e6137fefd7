-- OPS-08. A draft of the configuration, in effect nowhere: as tandem_config.version has documents, for who reads those.
CREATE TABLE tandem_api.draft (
  id         text COLLATE "C" PRIMARY KEY,
  document   jsonb       NOT NULL,
  shape      text        NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE tandem_api.replay (
  id            text COLLATE "C" PRIMARY KEY,
  created_at    timestamptz NOT NULL,
  created_by    text COLLATE "C" NOT NULL,
  note          text        NOT NULL,
  -- What is held against what.
  version       bigint      NOT NULL,
  -- NULL: the draft has a document of its own.
  draft_version bigint,
  -- Imported rates that wait to be applied and that the draft has: [{group, id}].
  held_rates    text        NOT NULL DEFAULT '[]',
  -- What the draft changes, as JSON.
  changes       text        NOT NULL,
  keeps_limits  boolean     NOT NULL,
  -- NULL: the calls are in replay_call.
  from_at       timestamptz,
  until_at      timestamptz,
  -- awaiting-calls, waiting, running, done or failed.
  state         text COLLATE "C" NOT NULL,
  error         text        NOT NULL DEFAULT '',
  -- Of a replay of a file; NULL before that is there, and where nobody knows.
  total         bigint,
  -- Who works on it: one id for each time that somebody begins.
  owner         text COLLATE "C",
  seen_at       timestamptz,
  begun         integer     NOT NULL DEFAULT 0,
  started_at    timestamptz,
  finished_at   timestamptz,
  calls         bigint      NOT NULL DEFAULT 0,
  -- Begin of the last call that was played.
  played_until  timestamptz,
  -- All that is counted, as JSON: from where another one goes on, and the result.
  run           text
);
CREATE INDEX replay_created ON tandem_api.replay (created_at);

-- Calls of a file, in the order of their begins, some hundreds a row.
CREATE TABLE tandem_api.replay_call (
  replay text COLLATE "C" NOT NULL REFERENCES tandem_api.replay ON DELETE CASCADE,
  part   integer NOT NULL,
  calls  text    NOT NULL,
  PRIMARY KEY (replay, part)
);
