CREATE OR REPLACE TRIGGER seals_append_only
BEFORE UPDATE OR DELETE ON audit.seals
FOR EACH ROW EXECUTE FUNCTION audit.guard_seals();
COMMENT ON TRIGGER seals_append_only ON audit.seals IS 'Evidence is only ever added to.';
