CREATE OR REPLACE TRIGGER seals_append_only
BEFORE UPDATE OR DELETE ON ledger.seals
FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change_of_seals('ledger.seals');
COMMENT ON TRIGGER seals_append_only ON ledger.seals IS 'Evidence is only ever added to.';

CREATE OR REPLACE TRIGGER seals_refuse_truncate
BEFORE TRUNCATE ON ledger.seals
FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change_of_seals('ledger.seals');
COMMENT ON TRIGGER seals_refuse_truncate ON ledger.seals IS 'Evidence is only ever added to.';
