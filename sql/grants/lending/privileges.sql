-- Who may do what in lending: reading, then what is called.
-- reapply: migrations
DO $do$
BEGIN
    PERFORM core.reset_privileges('lending', '{idempotency_keys}');
END;
$do$;

-- A schedule of given terms reads no table: it needs no token, and who only reads may ask for it.
GRANT EXECUTE ON FUNCTION
lending.preview_payment_schedule(
    numeric, numeric, integer, date, date, integer, text, text, text, text, integer, integer,
    integer, numeric, integer, text
),
lending.require_schedule_terms(
    numeric, numeric, integer, date, date, integer, text, text, text, text, integer, integer,
    integer, numeric, integer, text
),
lending.amortise(
    numeric, numeric, bigint[], numeric, text, integer, integer, numeric, integer, text, boolean
),
lending.due_dates(date, integer, text, integer, integer),
lending.round_quotient(numeric, numeric, numeric, text),
lending.schedule_periods(date, date[], integer, text, text, text, date)
TO pgerp_app, pgerp_readonly;

GRANT EXECUTE ON FUNCTION
lending.preview_product_schedule(text, text, numeric, integer, date, date, numeric)
TO pgerp_app, pgerp_readonly;

-- Reports, with the functions below them.
GRANT EXECUTE ON FUNCTION
lending.arrears(date, text),
lending.arrears_as_of(integer, integer[], date),
lending.calculate_par(integer, date, text),
lending.collection_report(date, date, text, text),
lending.monthly_summary(text, date, date, integer),
lending.par_by_days(integer, integer[], integer[], date),
lending.portfolio(text, date, text),
lending.portfolio_by(integer, integer[], text, date),
lending.readable_businesses(text),
lending.report_day(date),
lending.vintage_report(text, date, date, integer[], date)
TO pgerp_app, pgerp_readonly, pgerp_auditor;

-- What views call.
GRANT EXECUTE ON FUNCTION
lending.arrears_as_of(integer, integer[], date),
lending.par_by_days(integer, integer[], integer[], date),
lending.portfolio_by(integer, integer[], text, date)
TO pgerp_backup;

GRANT EXECUTE ON FUNCTION
lending.save_product(text, text, jsonb, integer, integer)
TO pgerp_app;

GRANT EXECUTE ON FUNCTION
lending.save_branch(text, text, text, boolean, integer),
lending.save_settings(text, date, integer, integer)
TO pgerp_app;

GRANT EXECUTE ON FUNCTION
lending.add_collateral(uuid, text, text, numeric, date, integer),
lending.add_group_member(text, text, uuid, date, integer),
lending.add_guarantor(uuid, uuid, numeric, integer),
lending.apply_for_loan(
    text, uuid, text, numeric, integer, date, numeric, date, date, text, text, text, text, text,
    integer
),
lending.end_group_membership(text, text, uuid, date, integer),
lending.generate_payment_schedule(uuid, integer),
lending.release_collateral(uuid, date, integer),
lending.release_guarantor(uuid, uuid, date, integer),
lending.save_group(text, text, text, text, boolean, integer)
TO pgerp_app;

GRANT EXECUTE ON FUNCTION
lending.approve_loan(uuid, numeric, date, text, integer),
lending.reject_loan(uuid, text, date, integer)
TO pgerp_app;

GRANT EXECUTE ON FUNCTION
lending.disburse_loan(uuid, text, date, numeric, boolean, text, text, integer)
TO pgerp_app;

GRANT EXECUTE ON FUNCTION
lending.charge_loan_fee(uuid, numeric, date, text, integer),
lending.waive_loan_balance(uuid, text, numeric, date, text, integer),
lending.write_off_loan(uuid, date, text, integer)
TO pgerp_app;

GRANT EXECUTE ON FUNCTION
lending.change_loan_rate(uuid, numeric, date, text, integer),
lending.extend_loan(uuid, integer, date, text, integer),
lending.reschedule_loan(uuid, integer, date, numeric, date, text, integer)
TO pgerp_app;

GRANT EXECUTE ON FUNCTION
lending.record_loan_recovery(uuid, numeric, date, text, text, text, integer),
lending.refund_overpayment(uuid, numeric, date, text, text, text, integer)
TO pgerp_app;

GRANT EXECUTE ON FUNCTION
lending.record_loan_payment(uuid, numeric, date, text, text, text, text, integer),
lending.reverse_transaction(uuid, text, date, integer)
TO pgerp_app;

GRANT EXECUTE ON FUNCTION
lending.loan_balance(uuid, date),
lending.payoff_amount(uuid, date)
TO pgerp_app, pgerp_readonly, pgerp_auditor;

GRANT EXECUTE ON FUNCTION
lending.import_transactions(uuid, jsonb, date, integer)
TO pgerp_app;

-- Whoever asks for a balance has the loan replayed, of rows that they see.
GRANT EXECUTE ON FUNCTION
lending.amortise(
    numeric, numeric, bigint[], numeric, text, integer, integer, numeric, integer, text, boolean
),
lending.due_dates(date, integer, text, integer, integer),
lending.round_quotient(numeric, numeric, numeric, text),
lending.schedule_periods(date, date[], integer, text, text, text, date)
TO pgerp_auditor;
GRANT EXECUTE ON FUNCTION
lending.add_instalment(lending.replay_state, numeric, numeric),
lending.allocate(lending.replay_state, lending.loans, numeric),
lending.apply_transaction(lending.replay_state, lending.loans, lending.transactions),
lending.balances_as_of(uuid, date),
lending.begin_replay(lending.loans),
lending.change_terms(lending.replay_state, lending.loans, lending.transactions),
lending.conclude(lending.replayed, lending.replay_state, lending.loans),
lending.cut_schedule(lending.replay_state),
lending.disbursement_fees(lending.loans, numeric, boolean),
lending.keep_settled(lending.replay_state),
lending.next_stop(date, date),
lending.note_charges(lending.replayed, lending.replay_state, lending.replay_state),
lending.note_transaction(
    lending.replayed, lending.replay_state, lending.replay_state, lending.transactions
),
lending.owed(lending.replay_state),
lending.pass_days(lending.replay_state, lending.loans, date),
lending.pay(lending.replay_state, lending.loans, lending.transactions),
lending.replay(lending.loans, date, date),
lending.shorten(lending.replay_state, lending.loans, numeric, date[]),
lending.spread(lending.replay_state, lending.loans, numeric, date[], numeric, numeric),
lending.use_advance(lending.replay_state, lending.loans)
TO pgerp_app, pgerp_readonly, pgerp_auditor;

-- What checks call.
GRANT EXECUTE ON FUNCTION
lending.books_offenders(),
lending.effect_of_event(text, jsonb)
TO pgerp_backup;

-- Operators and the daily jobs.
GRANT EXECUTE ON FUNCTION
lending.set_provision_rates(text, jsonb, integer)
TO pgerp_app;

GRANT EXECUTE ON PROCEDURE
lending.accrue_interest(text, date, bigint, integer),
lending.age_arrears(text, date, bigint, integer),
lending.charge_penalties(text, date, bigint, integer),
lending.mark_defaulted_loans(integer, text, date, bigint, integer),
lending.provision_loans(text, date, bigint, integer),
lending.run_daily_jobs(text, date, bigint, integer, integer[], text, integer),
lending.send_overdue_loan_notifications(text, date, bigint, integer[], text, integer)
TO pgerp_app;

DO $do$
BEGIN
    PERFORM core.grant_services('lending');
END;
$do$;
