-- A large document is unpacked each time that a part of it is read: with lz4 in a tenth of the time. Versions that are there stay as they are;
-- a PostgreSQL that was built without it goes on as before.
DO $$
BEGIN
  ALTER TABLE tandem_config.version ALTER COLUMN document SET COMPRESSION lz4;
EXCEPTION
  WHEN feature_not_supported THEN NULL;
END
$$;
