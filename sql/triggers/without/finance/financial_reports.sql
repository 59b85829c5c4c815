-- without: ledger
CREATE OR REPLACE TRIGGER financial_reports_refuse_truncate
BEFORE TRUNCATE ON finance.financial_reports
FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_truncate('finance.financial_reports');
COMMENT ON TRIGGER financial_reports_refuse_truncate ON finance.financial_reports IS
'Stored reports never go. Where the ledger is here, its own trigger refuses that.';
