CREATE OR REPLACE TRIGGER status_changes_guard
BEFORE UPDATE OR DELETE ON lending.status_changes
FOR EACH ROW EXECUTE FUNCTION lending.refuse_change('lending.status_changes');
COMMENT ON TRIGGER status_changes_guard ON lending.status_changes IS
'What a loan was stays on record.';
