-- OPS-12. Names and ids compare by bytes ("C"): nothing here is sorted for people.

CREATE TABLE tandem_api.operator (
  name           text COLLATE "C" PRIMARY KEY,
  display_name   text        NOT NULL,
  role           text COLLATE "C" NOT NULL,
  email          text        NOT NULL,
  -- PHC text of argon2id; NULL: signs in by other ways alone.
  password       text COLLATE "C",
  must_change    boolean     NOT NULL,
  is_disabled    boolean     NOT NULL,
  -- The "sub" of the OpenID provider.
  openid_subject text COLLATE "C" UNIQUE,
  created_at     timestamptz NOT NULL,
  last_sign_in   timestamptz
);

-- Of whom nobody knows whether they exist, too: "name NAME" and "address ADDRESS".
CREATE TABLE tandem_api.sign_in_failure (
  subject      text COLLATE "C" PRIMARY KEY,
  failures     integer     NOT NULL,
  last_at      timestamptz NOT NULL,
  locked_until timestamptz
);
CREATE INDEX sign_in_failure_last ON tandem_api.sign_in_failure (last_at);

-- Of secrets their SHA-256 alone is kept: they have 256 bits, which nobody guesses.
CREATE TABLE tandem_api.session (
  id         text COLLATE "C" PRIMARY KEY,
  hash       bytea       NOT NULL UNIQUE,
  csrf_hash  bytea       NOT NULL,
  operator   text COLLATE "C" NOT NULL REFERENCES tandem_api.operator ON DELETE CASCADE,
  method     text COLLATE "C" NOT NULL,
  address    text        NOT NULL,
  user_agent text        NOT NULL,
  since      timestamptz NOT NULL,
  last_seen  timestamptz NOT NULL,
  expires_at timestamptz NOT NULL
);
CREATE INDEX session_operator ON tandem_api.session (operator);
CREATE INDEX session_expires ON tandem_api.session (expires_at);

CREATE TABLE tandem_api.token (
  id         text COLLATE "C" PRIMARY KEY,
  hash       bytea       NOT NULL UNIQUE,
  operator   text COLLATE "C" NOT NULL REFERENCES tandem_api.operator ON DELETE CASCADE,
  name       text        NOT NULL,
  role       text COLLATE "C" NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  last_used  timestamptz
);
CREATE INDEX token_operator ON tandem_api.token (operator);

CREATE TABLE tandem_api.sign_in_link (
  hash       bytea       PRIMARY KEY,
  operator   text COLLATE "C" NOT NULL REFERENCES tandem_api.operator ON DELETE CASCADE,
  expires_at timestamptz NOT NULL
);

-- No references: what was done stays when who did it has gone.
CREATE TABLE tandem_api.audit (
  id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at        timestamptz NOT NULL,
  operator  text COLLATE "C" NOT NULL,
  role      text COLLATE "C" NOT NULL,
  method    text COLLATE "C" NOT NULL,
  address   text        NOT NULL,
  operation text COLLATE "C" NOT NULL,
  subject   text        NOT NULL,
  outcome   text COLLATE "C" NOT NULL,
  status    integer     NOT NULL,
  -- Text, not jsonb: a value is kept as it was.
  before    text,
  after     text,
  note      text        NOT NULL
);
CREATE INDEX audit_operator ON tandem_api.audit (operator, id);
CREATE INDEX audit_operation ON tandem_api.audit (operation, id);
CREATE INDEX audit_at ON tandem_api.audit (at);
