CREATE OR REPLACE TRIGGER sealed_entries_append_only
BEFORE UPDATE OR DELETE ON ledger.sealed_entries
FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change_of_seals('ledger.sealed_entries');
COMMENT ON TRIGGER sealed_entries_append_only ON ledger.sealed_entries IS
'Evidence is only ever added to.';

CREATE OR REPLACE TRIGGER sealed_entries_refuse_truncate
BEFORE TRUNCATE ON ledger.sealed_entries
FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change_of_seals('ledger.sealed_entries');
COMMENT ON TRIGGER sealed_entries_refuse_truncate ON ledger.sealed_entries IS
'Evidence is only ever added to.';
