-- The names order the triggers of one event: guard before stamp.
CREATE OR REPLACE TRIGGER groups_guard
BEFORE UPDATE OR DELETE ON lending.groups
FOR EACH ROW EXECUTE FUNCTION lending.refuse_change(
    'lending.groups', 'name', 'branch_id', 'is_active'
);
COMMENT ON TRIGGER groups_guard ON lending.groups IS 'What loans name stays.';

CREATE OR REPLACE TRIGGER groups_stamp
BEFORE INSERT OR UPDATE ON lending.groups
FOR EACH ROW EXECUTE FUNCTION core.stamp_row();
COMMENT ON TRIGGER groups_stamp ON lending.groups IS 'Keeps created_* and last_modified_* true.';
