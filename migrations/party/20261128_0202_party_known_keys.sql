-- core.require_known does what party.require_known did, where party is not too.
-- depends: 20261127_1932_party_privacy
-- No client may call it.
-- squawk-ignore-file ban-drop-function

DROP FUNCTION IF EXISTS party.require_known(jsonb, text[]);
