-- What each account opened with, also after it was removed: a balance is opened once, later
-- changes are payments.
CREATE TABLE tandem_config.opening_balance (
  account  text PRIMARY KEY,
  amount   text NOT NULL,
  currency text NOT NULL,
  version  bigint NOT NULL
);
