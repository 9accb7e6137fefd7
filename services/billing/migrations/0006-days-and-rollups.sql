-- BILL-07. A partition of CDRs for each day, UTC, by the start of the call, which every event of a call carries: what comes twice meets
-- its own key again, in the same partition. Each partition has the call id as a key of its own, whatever the start. The table as it was becomes the partition of all days until now: no row is copied.
-- A filled one is read once, and takes some minutes for ten million CDRs; calls go on, and their events wait in the log.
SET LOCAL statement_timeout = 0;
SET LOCAL lock_timeout = 0;

ALTER TABLE tandem_billing.cdr
  -- From the INVITE to the first ringing, or to the answer where nothing rang before. NULL: it did not come so far, or an earlier version wrote it.
  ADD COLUMN pdd_ms bigint,
  -- Of the rate that the customer is charged by: where the call went to. NULL: none was found, or an earlier version wrote it.
  ADD COLUMN prefix text COLLATE "C";
ALTER TABLE tandem_billing.cdr RENAME TO cdr_before;
ALTER TABLE tandem_billing.cdr_before RENAME CONSTRAINT cdr_pkey TO cdr_before_pkey;
ALTER INDEX tandem_billing.cdr_started RENAME TO cdr_before_started;
ALTER INDEX tandem_billing.cdr_customer RENAME TO cdr_before_customer;
ALTER INDEX tandem_billing.cdr_vendor RENAME TO cdr_before_vendor;
ALTER INDEX tandem_billing.cdr_origin RENAME TO cdr_before_origin;
ALTER INDEX tandem_billing.cdr_gateway RENAME TO cdr_before_gateway;
ALTER INDEX tandem_billing.cdr_caller RENAME TO cdr_before_caller;
ALTER INDEX tandem_billing.cdr_callee RENAME TO cdr_before_callee;
ALTER INDEX tandem_billing.cdr_a_sip_call_id RENAME TO cdr_before_a_sip_call_id;
ALTER INDEX tandem_billing.cdr_b_sip_call_id RENAME TO cdr_before_b_sip_call_id;
ALTER INDEX tandem_billing.cdr_address RENAME TO cdr_before_address;

CREATE TABLE tandem_billing.cdr (LIKE tandem_billing.cdr_before INCLUDING DEFAULTS INCLUDING STORAGE)
  PARTITION BY RANGE (started_at);

CREATE INDEX cdr_started ON tandem_billing.cdr (started_at);
CREATE INDEX cdr_customer ON tandem_billing.cdr (customer_account, started_at) WHERE customer_account IS NOT NULL;
CREATE INDEX cdr_vendor ON tandem_billing.cdr (vendor_account, started_at) WHERE vendor_account IS NOT NULL;
CREATE INDEX cdr_origin ON tandem_billing.cdr (origin, started_at) WHERE origin IS NOT NULL;
CREATE INDEX cdr_gateway ON tandem_billing.cdr (gateway, started_at) WHERE gateway IS NOT NULL;
CREATE INDEX cdr_caller ON tandem_billing.cdr (caller, started_at) WHERE caller IS NOT NULL;
CREATE INDEX cdr_callee ON tandem_billing.cdr (callee, started_at) WHERE callee IS NOT NULL;
CREATE INDEX cdr_a_sip_call_id ON tandem_billing.cdr (a_sip_call_id) WHERE a_sip_call_id IS NOT NULL;
CREATE INDEX cdr_b_sip_call_id ON tandem_billing.cdr (b_sip_call_id) WHERE b_sip_call_id IS NOT NULL;
CREATE INDEX cdr_address ON tandem_billing.cdr (address, started_at) WHERE address IS NOT NULL;
-- BILL-06. Most calls have these two: who asks for them walks the time.
CREATE INDEX cdr_reason ON tandem_billing.cdr (reason, started_at) WHERE reason <> 'NormalClearing';
CREATE INDEX cdr_code ON tandem_billing.cdr (code, started_at) WHERE code <> 200;

-- What has no day of its own: calls of a clock that is wrong, and of days before and after those that are kept.
CREATE TABLE tandem_billing.cdr_other PARTITION OF tandem_billing.cdr DEFAULT;
CREATE UNIQUE INDEX cdr_other_call ON tandem_billing.cdr_other (call_id);

-- The days of the table as it was end with tomorrow; what begins later is of a clock that is wrong.
DO $$
DECLARE
  until_at timestamptz := (date_trunc('day', now() AT TIME ZONE 'UTC') + interval '2 days') AT TIME ZONE 'UTC';
BEGIN
  EXECUTE format('WITH moved AS (DELETE FROM tandem_billing.cdr_before WHERE started_at >= %L RETURNING *) '
    'INSERT INTO tandem_billing.cdr_other SELECT * FROM moved', until_at);
  -- A switch that has no CDR yet needs no table of theirs.
  IF EXISTS (SELECT FROM tandem_billing.cdr_before) THEN
    EXECUTE format('ALTER TABLE tandem_billing.cdr ATTACH PARTITION tandem_billing.cdr_before FOR VALUES FROM (MINVALUE) TO (%L)', until_at);
  ELSE
    DROP TABLE tandem_billing.cdr_before;
  END IF;
END $$;

-- The event of one CDR; the moment stands in the statement, so that it looks at one partition alone.
CREATE FUNCTION tandem_billing.cdr_event(id text, at timestamptz) RETURNS bytea LANGUAGE plpgsql STABLE AS $$
DECLARE
  found bytea;
BEGIN
  EXECUTE format('SELECT event FROM tandem_billing.cdr WHERE call_id = $1 AND started_at = %L', at) INTO found USING id;
  RETURN found;
END $$;

-- BILL-06. What calls come to, always the sum of all CDRs that were ever kept: the statement that writes a CDR moves them. They stay when
-- the CDRs of a day are dropped. '' stands for what a call has not.
CREATE TABLE tandem_billing.traffic_hour (
  hour           timestamptz NOT NULL,
  origin         text COLLATE "C" NOT NULL,
  customer       text COLLATE "C" NOT NULL,
  gateway        text COLLATE "C" NOT NULL,
  vendor         text COLLATE "C" NOT NULL,
  currency       text COLLATE "C" NOT NULL,
  cost_currency  text COLLATE "C" NOT NULL,
  calls          bigint  NOT NULL,
  answered       bigint  NOT NULL,
  -- ITU-T E.425: answered, or not for a fault of the network.
  effective      bigint  NOT NULL,
  pdd_calls      bigint  NOT NULL,
  pdd_ms         numeric NOT NULL,
  duration_ms    numeric NOT NULL,
  billed_seconds numeric NOT NULL,
  price          numeric NOT NULL,
  cost           numeric NOT NULL,
  PRIMARY KEY (hour, origin, customer, gateway, vendor, currency, cost_currency)
) WITH (fillfactor = 70);

CREATE TABLE tandem_billing.outcome_hour (
  hour     timestamptz NOT NULL,
  customer text COLLATE "C" NOT NULL,
  gateway  text COLLATE "C" NOT NULL,
  reason   text COLLATE "C" NOT NULL,
  code     integer NOT NULL,
  calls    bigint  NOT NULL,
  PRIMARY KEY (hour, customer, gateway, reason, code)
) WITH (fillfactor = 70);

CREATE TABLE tandem_billing.destination_day (
  day            date NOT NULL,
  customer       text COLLATE "C" NOT NULL,
  gateway        text COLLATE "C" NOT NULL,
  vendor         text COLLATE "C" NOT NULL,
  prefix         text COLLATE "C" NOT NULL,
  currency       text COLLATE "C" NOT NULL,
  cost_currency  text COLLATE "C" NOT NULL,
  calls          bigint  NOT NULL,
  answered       bigint  NOT NULL,
  effective      bigint  NOT NULL,
  pdd_calls      bigint  NOT NULL,
  pdd_ms         numeric NOT NULL,
  duration_ms    numeric NOT NULL,
  billed_seconds numeric NOT NULL,
  price          numeric NOT NULL,
  cost           numeric NOT NULL,
  PRIMARY KEY (day, customer, gateway, vendor, prefix, currency, cost_currency)
) WITH (fillfactor = 70);

-- The same codes as core/gateway-figures.ts: what the called side or its number is at fault for, and callers who gave up.
CREATE FUNCTION tandem_billing.is_effective(answered_at timestamptz, reason text, code integer) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT answered_at IS NOT NULL OR reason = 'CallerCancelled' OR code IN (404, 410, 480, 484, 486, 487, 600, 603, 604)
$$;

-- Adds up CDRs, or takes them off again (its argument is 1 or -1). Rows are moved in the order of their keys, so that two writers never
-- wait for each other in a ring.
CREATE FUNCTION tandem_billing.roll_up() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  sign bigint := TG_ARGV[0];
BEGIN
  INSERT INTO tandem_billing.traffic_hour AS kept
  SELECT date_trunc('hour', started_at, 'UTC'), coalesce(origin, ''), coalesce(customer_account, ''), coalesce(gateway, ''),
    coalesce(vendor_account, ''), coalesce(currency, ''), coalesce(cost_currency, ''),
    sign * count(*), sign * count(answered_at), sign * count(*) FILTER (WHERE tandem_billing.is_effective(answered_at, reason, code)),
    sign * count(pdd_ms), sign * coalesce(sum(pdd_ms), 0),
    sign * coalesce(sum(coalesce(duration_ms, (extract(epoch FROM ended_at - answered_at) * 1000)::bigint)), 0),
    sign * sum(billed_seconds), sign * sum(changed.price), sign * sum(changed.cost)
  FROM changed GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY 1, 2, 3, 4, 5, 6, 7
  ON CONFLICT (hour, origin, customer, gateway, vendor, currency, cost_currency) DO UPDATE SET
    calls = kept.calls + excluded.calls, answered = kept.answered + excluded.answered, effective = kept.effective + excluded.effective,
    pdd_calls = kept.pdd_calls + excluded.pdd_calls, pdd_ms = kept.pdd_ms + excluded.pdd_ms,
    duration_ms = kept.duration_ms + excluded.duration_ms, billed_seconds = kept.billed_seconds + excluded.billed_seconds,
    price = kept.price + excluded.price, cost = kept.cost + excluded.cost;

  INSERT INTO tandem_billing.outcome_hour AS kept
  SELECT date_trunc('hour', started_at, 'UTC'), coalesce(customer_account, ''), coalesce(gateway, ''), reason, code, sign * count(*)
  FROM changed GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
  ON CONFLICT (hour, customer, gateway, reason, code) DO UPDATE SET calls = kept.calls + excluded.calls;

  INSERT INTO tandem_billing.destination_day AS kept
  SELECT (started_at AT TIME ZONE 'UTC')::date, coalesce(customer_account, ''), coalesce(gateway, ''), coalesce(vendor_account, ''),
    coalesce(prefix, ''), coalesce(currency, ''), coalesce(cost_currency, ''),
    sign * count(*), sign * count(answered_at), sign * count(*) FILTER (WHERE tandem_billing.is_effective(answered_at, reason, code)),
    sign * count(pdd_ms), sign * coalesce(sum(pdd_ms), 0),
    sign * coalesce(sum(coalesce(duration_ms, (extract(epoch FROM ended_at - answered_at) * 1000)::bigint)), 0),
    sign * sum(billed_seconds), sign * sum(changed.price), sign * sum(changed.cost)
  FROM changed GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY 1, 2, 3, 4, 5, 6, 7
  ON CONFLICT (day, customer, gateway, vendor, prefix, currency, cost_currency) DO UPDATE SET
    calls = kept.calls + excluded.calls, answered = kept.answered + excluded.answered, effective = kept.effective + excluded.effective,
    pdd_calls = kept.pdd_calls + excluded.pdd_calls, pdd_ms = kept.pdd_ms + excluded.pdd_ms,
    duration_ms = kept.duration_ms + excluded.duration_ms, billed_seconds = kept.billed_seconds + excluded.billed_seconds,
    price = kept.price + excluded.price, cost = kept.cost + excluded.cost;
  RETURN NULL;
END $$;

CREATE TRIGGER roll_up_new AFTER INSERT ON tandem_billing.cdr
  REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tandem_billing.roll_up('1');
CREATE TRIGGER roll_up_gone AFTER DELETE ON tandem_billing.cdr
  REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tandem_billing.roll_up('-1');
CREATE TRIGGER roll_up_before AFTER UPDATE ON tandem_billing.cdr
  REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tandem_billing.roll_up('-1');
CREATE TRIGGER roll_up_after AFTER UPDATE ON tandem_billing.cdr
  REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tandem_billing.roll_up('1');

-- The CDRs that are there already, a day at a time: each once, by the same sums.
CREATE TEMPORARY TABLE known (LIKE tandem_billing.cdr) ON COMMIT DROP;
CREATE TRIGGER roll_up_known AFTER INSERT ON known
  REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tandem_billing.roll_up('1');
DO $$
DECLARE
  from_at timestamptz := (SELECT min(started_at) FROM tandem_billing.cdr);
  next_at timestamptz;
BEGIN
  WHILE from_at IS NOT NULL LOOP
    next_at := from_at + interval '1 day';
    INSERT INTO known (call_id, started_at, answered_at, ended_at, stored_at, origin, gateway, customer_account, vendor_account, reason, code,
      billed_seconds, price, currency, cost, cost_currency, duration_ms, event)
    SELECT call_id, started_at, answered_at, ended_at, stored_at, origin, gateway, customer_account, vendor_account, reason, code,
      billed_seconds, price, currency, cost, cost_currency, duration_ms, ''
    FROM tandem_billing.cdr WHERE started_at >= from_at AND started_at < next_at;
    TRUNCATE known;
    from_at := (SELECT min(started_at) FROM tandem_billing.cdr WHERE started_at >= next_at);
  END LOOP;
END $$;
