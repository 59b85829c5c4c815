DELETE FROM identity.permissions AS p
WHERE p.code = 'audit.seal';
DROP TABLE audit.removals;
DROP FUNCTION IF EXISTS audit.seal(integer, integer);
DROP FUNCTION IF EXISTS audit.seal_shared(integer);
DROP TABLE audit.sealed_changes;
DROP TABLE audit.seals;
