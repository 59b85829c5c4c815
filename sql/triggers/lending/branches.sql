-- The names order the triggers of one event: guard before stamp.
CREATE OR REPLACE TRIGGER branches_guard
BEFORE UPDATE OR DELETE ON lending.branches
FOR EACH ROW EXECUTE FUNCTION lending.refuse_change('lending.branches', 'name', 'is_active');
COMMENT ON TRIGGER branches_guard ON lending.branches IS 'What loans name stays.';

CREATE OR REPLACE TRIGGER branches_stamp
BEFORE INSERT OR UPDATE ON lending.branches
FOR EACH ROW EXECUTE FUNCTION core.stamp_row();
COMMENT ON TRIGGER branches_stamp ON lending.branches IS
'Keeps created_* and last_modified_* true.';
