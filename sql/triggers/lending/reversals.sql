-- The names order the triggers of one event: guard before stamp.
CREATE OR REPLACE TRIGGER reversals_guard
BEFORE UPDATE OR DELETE ON lending.reversals
FOR EACH ROW EXECUTE FUNCTION lending.refuse_change('lending.reversals');
COMMENT ON TRIGGER reversals_guard ON lending.reversals IS 'What was reversed stays so.';

CREATE OR REPLACE TRIGGER reversals_stamp
BEFORE INSERT OR UPDATE ON lending.reversals
FOR EACH ROW EXECUTE FUNCTION core.stamp_row();
COMMENT ON TRIGGER reversals_stamp ON lending.reversals IS
'Keeps created_* and last_modified_* true.';

CREATE OR REPLACE TRIGGER reversals_follow
BEFORE INSERT ON lending.reversals
FOR EACH ROW EXECUTE FUNCTION lending.follow_transaction();
COMMENT ON TRIGGER reversals_follow ON lending.reversals IS
'It is of the loan and the business of its transaction.';
