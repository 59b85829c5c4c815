DROP FUNCTION IF EXISTS lending.add_instalment(lending.replay_state, numeric, numeric);
DROP FUNCTION IF EXISTS lending.allocate(lending.replay_state, lending.loans, numeric);
DROP FUNCTION IF EXISTS lending.apply_transaction(
    lending.replay_state, lending.loans, lending.transactions
);
DROP FUNCTION IF EXISTS lending.begin_replay(lending.loans);
DROP FUNCTION IF EXISTS lending.change_terms(
    lending.replay_state, lending.loans, lending.transactions
);
DROP FUNCTION IF EXISTS lending.compare_movements(
    lending.loans, lending.loan_balances, lending.replayed, date
);
DROP FUNCTION IF EXISTS lending.conclude(lending.replayed, lending.replay_state, lending.loans);
DROP FUNCTION IF EXISTS lending.cut_schedule(lending.replay_state);
DROP FUNCTION IF EXISTS lending.keep_settled(lending.replay_state);
DROP FUNCTION IF EXISTS lending.note_charges(
    lending.replayed, lending.replay_state, lending.replay_state
);
DROP FUNCTION IF EXISTS lending.note_transaction(
    lending.replayed, lending.replay_state, lending.replay_state, lending.transactions
);
DROP FUNCTION IF EXISTS lending.owed(lending.replay_state);
DROP FUNCTION IF EXISTS lending.pass_days(lending.replay_state, lending.loans, date);
DROP FUNCTION IF EXISTS lending.pay(lending.replay_state, lending.loans, lending.transactions);
DROP FUNCTION IF EXISTS lending.replay(lending.loans, date, date);
DROP FUNCTION IF EXISTS lending.shorten(lending.replay_state, lending.loans, numeric, date[]);
DROP FUNCTION IF EXISTS lending.spread(
    lending.replay_state, lending.loans, numeric, date[], numeric, numeric
);
DROP FUNCTION IF EXISTS lending.store_schedules(lending.loans, lending.replayed);
DROP FUNCTION IF EXISTS lending.use_advance(lending.replay_state, lending.loans);
-- Those of the release before make it anew.
DROP FUNCTION IF EXISTS lending.schedule_periods(date, date[], integer, text, text, text, date);
DROP TYPE lending.replayed;
DROP TYPE lending.replay_state;
DROP INDEX lending.movements_restated_idx;
