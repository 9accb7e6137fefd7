-- One row for each configuration that was ever applied; the latest is in effect.
CREATE TABLE tandem_config.version (
  version    bigint PRIMARY KEY,
  applied_at timestamptz NOT NULL DEFAULT now(),
  applied_by text NOT NULL,
  note       text NOT NULL DEFAULT '',
  -- The checked document with defaults filled in; passwords are sealed.
  document   jsonb NOT NULL
);
