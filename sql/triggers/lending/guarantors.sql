-- The names order the triggers of one event: guard before stamp.
CREATE OR REPLACE TRIGGER guarantors_guard
BEFORE UPDATE OR DELETE ON lending.guarantors
FOR EACH ROW EXECUTE FUNCTION lending.refuse_change('lending.guarantors', 'released_on');
COMMENT ON TRIGGER guarantors_guard ON lending.guarantors IS
'Who answered for how much stays on record.';

CREATE OR REPLACE TRIGGER guarantors_part
BEFORE INSERT ON lending.guarantors
FOR EACH ROW EXECUTE FUNCTION party.guard_part('lending.guarantors');
COMMENT ON TRIGGER guarantors_part ON lending.guarantors IS
'Nothing is added to a customer who is anonymised.';

CREATE OR REPLACE TRIGGER guarantors_stamp
BEFORE INSERT OR UPDATE ON lending.guarantors
FOR EACH ROW EXECUTE FUNCTION core.stamp_row();
COMMENT ON TRIGGER guarantors_stamp ON lending.guarantors IS
'Keeps created_* and last_modified_* true.';
