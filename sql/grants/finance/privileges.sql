-- Who may do what in finance: reading, then what is called.
-- reapply: migrations
DO $do$
BEGIN
    PERFORM core.reset_privileges('finance');
END;
$do$;

GRANT EXECUTE ON FUNCTION
finance.account_totals(text, date, date, boolean),
finance.balance_sheet(text, date),
finance.income_statement(text, date, date),
finance.stored_reports(text, date, text),
finance.trial_balance(text, date)
TO pgerp_app, pgerp_readonly, pgerp_auditor;

GRANT EXECUTE ON FUNCTION
finance.store_report(text, text, date, date, text, integer)
TO pgerp_app;

DO $do$
BEGIN
    PERFORM core.grant_services('finance');
END;
$do$;
