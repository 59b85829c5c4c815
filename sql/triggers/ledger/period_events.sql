CREATE OR REPLACE TRIGGER period_events_guard
BEFORE UPDATE OR DELETE ON ledger.period_events
FOR EACH ROW EXECUTE FUNCTION ledger.guard_append_only('ledger.period_events');
COMMENT ON TRIGGER period_events_guard ON ledger.period_events IS
'The history of periods never changes.';

CREATE OR REPLACE TRIGGER period_events_stamp
BEFORE INSERT OR UPDATE ON ledger.period_events
FOR EACH ROW EXECUTE FUNCTION core.stamp_row();
COMMENT ON TRIGGER period_events_stamp ON ledger.period_events IS
'Keeps created_* and last_modified_* true.';
