-- The rates of groups whose rates are imported (rateGroups[].sheet): the newest version of each is in effect (ADR 89).
CREATE TABLE tandem_config.rate_sheet (
  rate_group text NOT NULL,
  version    bigint NOT NULL,
  applied_at timestamptz NOT NULL DEFAULT now(),
  applied_by text NOT NULL,
  note       text NOT NULL DEFAULT '',
  -- The import that it comes from; NULL where an earlier version was put into effect again.
  import     uuid,
  rates      integer NOT NULL,
  prefixes   integer NOT NULL,
  -- As routing looks them up: libs/config/src/packed-lists.ts.
  index      bytea NOT NULL,
  terms      bytea NOT NULL,
  fields     jsonb NOT NULL,
  PRIMARY KEY (rate_group, version)
);
-- It is read in slices of a megabyte, which a compressed value would have to be unpacked for each time.
ALTER TABLE tandem_config.rate_sheet ALTER COLUMN index SET STORAGE EXTERNAL;

-- Files that were read, each against what was in effect then; nothing of one is in effect before it is applied.
CREATE TABLE tandem_config.rate_import (
  id         uuid PRIMARY KEY,
  rate_group text NOT NULL,
  state      text NOT NULL CHECK (state IN ('reading', 'refused', 'ready', 'applied', 'discarded', 'broken')),
  begun_at   timestamptz NOT NULL DEFAULT now(),
  begun_by   text NOT NULL,
  -- Moved each second while it is read: a process that dies in it is noticed by this.
  touched_at timestamptz NOT NULL DEFAULT now(),
  note       text NOT NULL DEFAULT '',
  -- What was asked for, and how far it is.
  terms      jsonb NOT NULL,
  bytes      bigint NOT NULL DEFAULT 0,
  lines      bigint NOT NULL DEFAULT 0,
  -- What was in effect when it was read: the version of a sheet, or the hash of rates of the document.
  base       text,
  -- How the file is written, what it changes, which lines are bad.
  report     jsonb,
  mistakes   jsonb,
  rates      integer,
  prefixes   integer,
  -- The sheet that it makes; gone once it was applied or given up.
  index      bytea,
  sheet_terms bytea,
  fields     jsonb
);
ALTER TABLE tandem_config.rate_import ALTER COLUMN index SET STORAGE EXTERNAL;
CREATE INDEX rate_import_group ON tandem_config.rate_import (rate_group, begun_at DESC);
-- Two imports into a group do not run at once.
CREATE UNIQUE INDEX rate_import_reading ON tandem_config.rate_import (rate_group) WHERE state = 'reading';
