-- The names order the triggers of one event: follow before part, guard before stamp.
CREATE OR REPLACE TRIGGER collaterals_follow
BEFORE INSERT ON lending.collaterals
FOR EACH ROW EXECUTE FUNCTION lending.follow_loan();
COMMENT ON TRIGGER collaterals_follow ON lending.collaterals IS 'It is of the borrower.';

CREATE OR REPLACE TRIGGER collaterals_guard
BEFORE UPDATE OR DELETE ON lending.collaterals
FOR EACH ROW EXECUTE FUNCTION lending.refuse_change(
    'lending.collaterals', 'description', 'estimated_value', 'valued_on', 'released_on'
);
COMMENT ON TRIGGER collaterals_guard ON lending.collaterals IS
'What secured a loan stays on record.';

CREATE OR REPLACE TRIGGER collaterals_part
BEFORE INSERT ON lending.collaterals
FOR EACH ROW EXECUTE FUNCTION party.guard_part('lending.collaterals');
COMMENT ON TRIGGER collaterals_part ON lending.collaterals IS
'Nothing is added to a customer who is anonymised.';

CREATE OR REPLACE TRIGGER collaterals_stamp
BEFORE INSERT OR UPDATE ON lending.collaterals
FOR EACH ROW EXECUTE FUNCTION core.stamp_row();
COMMENT ON TRIGGER collaterals_stamp ON lending.collaterals IS
'Keeps created_* and last_modified_* true.';
