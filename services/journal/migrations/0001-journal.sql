-- Ids and names compare by bytes ("C"): nothing here is sorted for people, and index entries compare faster.

-- OPS-10. A partition for each day, UTC, so that what is too old goes without a trace; the service makes and drops them. An
-- entry that is gathered comes again with a higher count, and the same id and first time.
CREATE TABLE tandem_journal.entry (
  first_at   timestamptz NOT NULL,
  id         text COLLATE "C" NOT NULL,
  last_at    timestamptz NOT NULL,
  count      bigint      NOT NULL,
  cause      text COLLATE "C" NOT NULL,
  terminal   text COLLATE "C" NOT NULL,
  account    text COLLATE "C" NOT NULL,
  -- "ip:port", and the address alone; NULL where there is none.
  source     text COLLATE "C" NOT NULL,
  address    inet,
  user_agent text COLLATE "C" NOT NULL,
  -- Names and values in turn.
  facts      text[] COLLATE "C" NOT NULL,
  writer     text COLLATE "C" NOT NULL,
  PRIMARY KEY (first_at, id)
) PARTITION BY RANGE (first_at);

CREATE INDEX entry_cause ON tandem_journal.entry (cause, first_at, id);
CREATE INDEX entry_terminal ON tandem_journal.entry (terminal, first_at, id) WHERE terminal <> '';
CREATE INDEX entry_account ON tandem_journal.entry (account, first_at, id) WHERE account <> '';
CREATE INDEX entry_address ON tandem_journal.entry (address, first_at) WHERE address IS NOT NULL;

-- REG-06. Each writer tells sums that grow; the highest is the right one.
CREATE TABLE tandem_journal.minute_count (
  start_at timestamptz NOT NULL,
  name     text COLLATE "C" NOT NULL,
  writer   text COLLATE "C" NOT NULL,
  count    bigint NOT NULL,
  PRIMARY KEY (start_at, name, writer)
);
CREATE TABLE tandem_journal.hour_count (
  start_at timestamptz NOT NULL,
  name     text COLLATE "C" NOT NULL,
  network  text COLLATE "C" NOT NULL,
  device   text COLLATE "C" NOT NULL,
  writer   text COLLATE "C" NOT NULL,
  -- By the data of the day on which it was counted.
  country  text COLLATE "C" NOT NULL,
  count    bigint NOT NULL,
  PRIMARY KEY (start_at, name, network, device, writer)
);
