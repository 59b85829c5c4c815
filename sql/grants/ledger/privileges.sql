-- Who may do what in ledger: reading, then what is called.
-- reapply: migrations
DO $do$
BEGIN
    PERFORM core.reset_privileges('ledger', '{idempotency_keys}');
    PERFORM core.reset_privileges('ledger_archive');
END;
$do$;

GRANT EXECUTE ON FUNCTION
ledger.readable_business(text),
ledger.account_movements(integer, integer, date, date, uuid, boolean),
ledger.movements_of_days(integer, ledger.day_span[], uuid),
ledger.account_balance(text, text, date),
ledger.account_version(text, text),
ledger.trial_balance(text, date),
ledger.income_statement(text, date, date),
ledger.balance_sheet(text, date),
ledger.spread_amount(numeric, integer, integer),
ledger.accounts_below(integer, uuid[]),
ledger.budget_buckets(integer, integer, uuid, ledger.budget_interval),
ledger.budget_actuals(integer, ledger.budget_lines[], date),
ledger.budget_status(text, text, date),
ledger.journal_number(uuid),
ledger.exchange_rate_leg(integer, text, text, date, text),
ledger.find_exchange_rate(integer, text, text, date, text),
ledger.exchange_rate(text, text, date, text),
ledger.readable_account(text),
ledger.account_items(integer, integer, uuid, date, text, boolean),
ledger.open_items(text, text, date, text),
ledger.aged_balances(text, text, date, integer[], boolean),
ledger.account_tree(),
ledger.rolled_up_balances(text, date),
ledger.general_ledger(text, text, date, date, uuid, integer, integer),
ledger.account_statement(text, text, date, date, text),
ledger.trial_balance_movements(text, date, date),
ledger.income_statement_comparative(text, date, date, date, date),
ledger.income_statement_by_month(text, date, date),
ledger.balance_sheet_comparative(text, date, date),
ledger.indirect_cash_flows(integer, integer, date, date),
ledger.direct_cash_flows(integer, integer, date, date, uuid[]),
ledger.cash_flow_statement(text, date, date, text),
ledger.dashboard_monthly(text, date, date, integer),
ledger.dashboard_daily_cash(text, date, date, integer)
TO pgerp_app, pgerp_readonly, pgerp_auditor;

GRANT EXECUTE ON FUNCTION
ledger.create_account(text, text, text, text, text, boolean, text, integer),
ledger.create_fiscal_year(text, date, integer, text, integer),
ledger.create_budget(
    text, text, text, text, jsonb, text, text, text, text, text, integer
),
ledger.revise_budget(text, jsonb, text, integer),
ledger.set_budget_policy(text, text, integer),
ledger.close_budget(text, integer),
ledger.reopen_budget(text, integer),
ledger.soft_close_period(text, text, integer),
ledger.close_period(text, text, integer),
ledger.reopen_period(text, text, text, text, integer),
ledger.close_fiscal_year(text, text, boolean, integer),
ledger.reopen_fiscal_year(text, text, text, text[], integer),
ledger.assign_journal_numbers(text, date, integer),
ledger.create_journal_entry(
    text, date, text, jsonb, text, text, text, text, text, text, jsonb, integer
),
ledger.create_journal_entries(jsonb, text, integer),
ledger.post_journal_entry(uuid, jsonb, integer),
ledger.void_journal_entry(uuid, text, integer),
ledger.reverse_journal_entry(uuid, text, date, integer),
ledger.change_draft(uuid, date, text, text, integer),
ledger.add_journal_line(uuid, jsonb, integer),
ledger.change_journal_line(uuid, integer, jsonb, integer),
ledger.remove_journal_line(uuid, integer, integer),
ledger.set_account_role(text, text, text, integer),
ledger.save_posting_rule(jsonb, integer),
ledger.set_posting_rule_active(text, boolean, text, integer),
ledger.create_reference_rules(text[], integer),
ledger.set_account_limits(text, numeric, numeric, boolean, integer),
ledger.hold_journal_entry(
    text, date, text, jsonb, timestamptz, text, text, text, text, integer
),
ledger.post_held_entry(uuid, jsonb, integer),
ledger.release_held_entry(uuid, text, integer),
ledger.expire_holds(integer),
ledger.fold_balances(integer, integer),
ledger.resulting_balances(uuid),
ledger.set_exchange_rate(text, text, date, numeric, text, text, integer),
ledger.load_exchange_rates(jsonb, integer),
ledger.match_lines(uuid, integer, uuid, integer, numeric, date, integer),
ledger.match_oldest(text, text, text, text, date, integer),
ledger.unmatch(uuid, text, date, integer),
ledger.write_off_rounding(uuid, integer, numeric, date, integer),
ledger.revalue(text, date, text[], text, date, integer),
ledger.set_account_monetary(text, boolean, integer),
ledger.seal(integer, integer),
ledger.activate_account(text, integer),
ledger.deactivate_account(text, integer),
ledger.set_cash_flow_activity(text, text, integer),
ledger.set_control_module(text, text, integer)
TO pgerp_app;

GRANT EXECUTE ON FUNCTION
ledger.account_tree(),
ledger.account_movements(integer, integer, date, date, uuid, boolean),
ledger.movements_of_days(integer, ledger.day_span[], uuid),
ledger.accounts_below(integer, uuid[]),
ledger.budget_buckets(integer, integer, uuid, ledger.budget_interval),
ledger.budget_actuals(integer, ledger.budget_lines[], date),
ledger.year_result(integer, integer, uuid)
TO pgerp_backup;

-- What checks of posting rules call.
GRANT EXECUTE ON FUNCTION
ledger.posting_rule_problem(ledger.posting_rules, integer),
ledger.posting_rule_remainder(integer, uuid, integer, jsonb),
ledger.posting_line_problem(ledger.posting_rules, ledger.posting_rule_lines, jsonb),
ledger.payload_property(jsonb, text),
ledger.template_problem(jsonb, text),
ledger.condition_problem(jsonb, text),
ledger.substitute_sums(jsonb, jsonb),
ledger.account_problem(ledger.accounts, integer, text, text)
TO pgerp_backup;

DO $do$
BEGIN
    PERFORM core.grant_services('ledger');
    PERFORM core.grant_services('ledger_archive');
END;
$do$;
