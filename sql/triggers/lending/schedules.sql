-- The names order the triggers of one event: guard before stamp.
CREATE OR REPLACE TRIGGER schedules_guard
BEFORE UPDATE OR DELETE ON lending.schedules
FOR EACH ROW EXECUTE FUNCTION lending.refuse_change('lending.schedules', 'is_live');
COMMENT ON TRIGGER schedules_guard ON lending.schedules IS 'Every version that there was stays.';

CREATE OR REPLACE TRIGGER schedules_stamp
BEFORE INSERT OR UPDATE ON lending.schedules
FOR EACH ROW EXECUTE FUNCTION core.stamp_row();
COMMENT ON TRIGGER schedules_stamp ON lending.schedules IS
'Keeps created_* and last_modified_* true.';
