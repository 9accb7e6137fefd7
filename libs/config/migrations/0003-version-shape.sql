-- Which form of the document was current when it was stored: a reader of the same release takes it as it
-- is, another one fills in the defaults that came since.
ALTER TABLE tandem_config.version ADD COLUMN shape text NOT NULL DEFAULT '';
