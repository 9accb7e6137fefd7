-- Versions that are kept as what they changed in the version before them (ADR 80); all others stand in tandem_config.version, as whole documents.
CREATE TABLE tandem_config.change (
  version    bigint PRIMARY KEY,
  applied_at timestamptz NOT NULL DEFAULT now(),
  applied_by text NOT NULL,
  note       text NOT NULL DEFAULT '',
  -- Of the document, when it was stored.
  shape      text NOT NULL,
  -- libs/config/src/delta.ts
  delta      jsonb NOT NULL
);

-- A version that was stored as a change and of which the whole document was stored afterwards, so that nobody has to begin with an old one.
ALTER TABLE tandem_config.version ADD COLUMN is_folded boolean NOT NULL DEFAULT false;

-- An api of a release that knows no changes would give a version that is there a second meaning.
CREATE FUNCTION tandem_config.refuse_second_meaning() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT NEW.is_folded AND EXISTS (SELECT FROM tandem_config.change WHERE version >= NEW.version) THEN
    RAISE EXCEPTION 'version % is there already, as a change: only a release that knows changes can go on from it', NEW.version;
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER refuse_second_meaning BEFORE INSERT ON tandem_config.version
  FOR EACH ROW EXECUTE FUNCTION tandem_config.refuse_second_meaning();

-- Which life of the store this is: another one after a restore of whatever kind, whose versions may be lower than those that running processes know.
CREATE FUNCTION tandem_config.store_life() RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
  place text;
  place_of_server text := '';
BEGIN
  SELECT concat_ws('.', oid, pg_relation_filenode('tandem_config.version'), pg_relation_filenode('tandem_config.change'))
    INTO place FROM pg_database WHERE datname = current_database();
  BEGIN
    SELECT concat_ws('.', system_identifier, timeline_id)
      INTO place_of_server FROM pg_control_system(), pg_control_checkpoint();
  EXCEPTION
    -- Some hosted servers keep these to themselves.
    WHEN insufficient_privilege THEN NULL;
  END;
  RETURN place_of_server || '/' || place;
END
$$;
