-- The names order the triggers of one event: guard before stamp.
CREATE OR REPLACE TRIGGER loans_guard
BEFORE INSERT OR UPDATE OR DELETE ON lending.loans
FOR EACH ROW EXECUTE FUNCTION lending.guard_loan();
COMMENT ON TRIGGER loans_guard ON lending.loans IS
'A loan goes from one status to those that follow it, and its terms stay once they are decided.';

CREATE OR REPLACE TRIGGER loans_part
BEFORE INSERT ON lending.loans
FOR EACH ROW EXECUTE FUNCTION party.guard_part('lending.loans');
COMMENT ON TRIGGER loans_part ON lending.loans IS
'Nothing is added to a customer who is anonymised.';

CREATE OR REPLACE TRIGGER loans_stamp
BEFORE INSERT OR UPDATE ON lending.loans
FOR EACH ROW EXECUTE FUNCTION core.stamp_row();
COMMENT ON TRIGGER loans_stamp ON lending.loans IS 'Keeps created_* and last_modified_* true.';

CREATE OR REPLACE TRIGGER loans_version
BEFORE INSERT OR UPDATE ON lending.loans
FOR EACH ROW EXECUTE FUNCTION core.guard_version('lending.loans');
COMMENT ON TRIGGER loans_version ON lending.loans IS
'Refuses an update of a version that is not the present one.';

CREATE OR REPLACE TRIGGER loans_history
AFTER INSERT ON lending.loans
FOR EACH ROW EXECUTE FUNCTION lending.note_status();
COMMENT ON TRIGGER loans_history ON lending.loans IS 'Its first status is on record.';

CREATE OR REPLACE TRIGGER loans_history_change
AFTER UPDATE ON lending.loans
FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status)
EXECUTE FUNCTION lending.note_status();
COMMENT ON TRIGGER loans_history_change ON lending.loans IS 'Every status is on record.';
