-- What is in the lists that the document declares (numberLists): the newest version of each is in effect.
CREATE TABLE tandem_config.number_list (
  list        text NOT NULL,
  version     bigint NOT NULL,
  imported_at timestamptz NOT NULL DEFAULT now(),
  imported_by text NOT NULL,
  note        text NOT NULL DEFAULT '',
  numbers     integer NOT NULL,
  -- Numbers of 1 to 15 digits: 8 bytes each, a little-endian double, in ascending order (libs/domain/src/number-list.ts).
  packed      bytea NOT NULL,
  -- All others.
  others      text[] NOT NULL,
  PRIMARY KEY (list, version)
);
