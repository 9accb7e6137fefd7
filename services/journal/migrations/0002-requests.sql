-- What requests outside calls are asked for by: the Call-IDs that are gathered in an entry, and the numbers of the last one.
ALTER TABLE tandem_journal.entry
  ADD COLUMN call_ids text[] COLLATE "C" NOT NULL DEFAULT '{}',
  ADD COLUMN caller   text COLLATE "C" NOT NULL DEFAULT '',
  ADD COLUMN callee   text COLLATE "C" NOT NULL DEFAULT '';

CREATE INDEX entry_call_ids ON tandem_journal.entry USING gin (call_ids);
CREATE INDEX entry_id ON tandem_journal.entry (id);
CREATE INDEX entry_caller ON tandem_journal.entry (caller, first_at, id) WHERE caller <> '';
CREATE INDEX entry_callee ON tandem_journal.entry (callee, first_at, id) WHERE callee <> '';
