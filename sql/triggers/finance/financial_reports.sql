CREATE OR REPLACE TRIGGER financial_reports_prepare
BEFORE INSERT ON finance.financial_reports
FOR EACH ROW EXECUTE FUNCTION finance.prepare_report();
COMMENT ON TRIGGER financial_reports_prepare ON finance.financial_reports IS
'A report has the digest of what it says.';

CREATE OR REPLACE TRIGGER financial_reports_guard
BEFORE UPDATE OR DELETE ON finance.financial_reports
FOR EACH ROW EXECUTE FUNCTION finance.refuse_change();
COMMENT ON TRIGGER financial_reports_guard ON finance.financial_reports IS
'Stored reports never change.';

CREATE OR REPLACE TRIGGER financial_reports_stamp
BEFORE INSERT OR UPDATE ON finance.financial_reports
FOR EACH ROW EXECUTE FUNCTION core.stamp_row();
COMMENT ON TRIGGER financial_reports_stamp ON finance.financial_reports IS
'Keeps created_* and last_modified_* true.';
