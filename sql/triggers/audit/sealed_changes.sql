CREATE OR REPLACE TRIGGER sealed_changes_guard
BEFORE UPDATE OR DELETE ON audit.sealed_changes
FOR EACH ROW EXECUTE FUNCTION audit.guard_leaves();
COMMENT ON TRIGGER sealed_changes_guard ON audit.sealed_changes IS
'Salts go with what is redacted, leaves with their year; nothing else changes.';

CREATE OR REPLACE TRIGGER sealed_changes_refuse_truncate
BEFORE TRUNCATE ON audit.sealed_changes
FOR EACH STATEMENT EXECUTE FUNCTION audit.guard_leaves();
COMMENT ON TRIGGER sealed_changes_refuse_truncate ON audit.sealed_changes IS
'Evidence is only ever added to.';
