-- The names order the triggers of one event: guard before stamp.
CREATE OR REPLACE TRIGGER group_members_guard
BEFORE UPDATE OR DELETE ON lending.group_members
FOR EACH ROW EXECUTE FUNCTION lending.refuse_change('lending.group_members', 'left_on');
COMMENT ON TRIGGER group_members_guard ON lending.group_members IS
'Who was a member stays on record.';

CREATE OR REPLACE TRIGGER group_members_part
BEFORE INSERT ON lending.group_members
FOR EACH ROW EXECUTE FUNCTION party.guard_part('lending.group_members');
COMMENT ON TRIGGER group_members_part ON lending.group_members IS
'Nothing is added to a customer who is anonymised.';

CREATE OR REPLACE TRIGGER group_members_stamp
BEFORE INSERT OR UPDATE ON lending.group_members
FOR EACH ROW EXECUTE FUNCTION core.stamp_row();
COMMENT ON TRIGGER group_members_stamp ON lending.group_members IS
'Keeps created_* and last_modified_* true.';
