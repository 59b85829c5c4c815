DROP FUNCTION IF EXISTS core.make_seals(regclass, text, regproc, integer, integer);
DROP FUNCTION IF EXISTS core.seal_hash(text, core.seal);
DROP TYPE core.seal;
