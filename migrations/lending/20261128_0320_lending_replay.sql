-- What lending.replay works with and returns.
-- depends: 20261128_0304_lending_provisions
-- What it drops is internal, and the table is new:
-- squawk-ignore-file ban-drop-function, require-concurrent-index-creation

-- Due dates are a function of their own by now, since later versions of a schedule keep theirs.
DROP FUNCTION IF EXISTS lending.schedule_periods(integer, date, date, integer, text, text, text);

-- What lending.restate compares: of a loan of years, few among thousands of daily charges.
CREATE INDEX movements_restated_idx
ON lending.movements (tenant_id, business_id, loan_id)
WHERE kind NOT IN ('charge', 'allowance');

CREATE TYPE lending.replay_state AS (
    tenant_id integer,
    business_id integer,
    loan_id uuid,
    unit numeric,
    rounding text,
    on_day date,
    due_dates date [],
    starts_on date [],
    days integer [],
    principal numeric [],
    interest numeric [],
    fees numeric [],
    balance numeric [],
    interest_before numeric [],
    principal_to_date numeric [],
    interest_to_date numeric [],
    fees_to_date numeric [],
    due_count integer,
    annual_rate_percent numeric,
    first_new integer,
    period_starts_on date,
    anchor date,
    last_step integer,
    grace_principal integer,
    grace_interest integer,
    interest_free integer,
    fee_flat numeric,
    fee_percents numeric [],
    disbursed numeric,
    principal_settled numeric,
    interest_accrued numeric,
    interest_settled numeric,
    fees_by_hand numeric,
    fees_settled numeric,
    penalty_days numeric,
    penalties_charged numeric,
    penalties_settled numeric,
    advance numeric,
    rest numeric,
    restructured_on date,
    closed_on date,
    written_off_on date,
    reason lending.schedule_reason,
    advances lending.movements []
);
COMMENT ON TYPE lending.replay_state IS
'How a loan stands while lending.replay goes through its days: the schedule in force, by '
'instalment, of which due_count have fallen due by on_day; sums since the beginning; and what is '
'still to be noted.';
COMMENT ON COLUMN lending.replay_state.unit IS 'The smallest unit of money.';
COMMENT ON COLUMN lending.replay_state.first_new IS
'The first instalment that the latest version made anew.';
COMMENT ON COLUMN lending.replay_state.period_starts_on IS
'When the period of that instalment began, which is before the version where it came within it.';
COMMENT ON COLUMN lending.replay_state.anchor IS
'The day from which due dates are counted, so that the 31st comes back after February.';
COMMENT ON COLUMN lending.replay_state.last_step IS
'How many intervals after it the last instalment is due.';
COMMENT ON COLUMN lending.replay_state.grace_principal IS
'How many of the instalments from first_new on pay no principal; the other two likewise.';
COMMENT ON COLUMN lending.replay_state.fee_flat IS 'What each instalment costs besides.';
COMMENT ON COLUMN lending.replay_state.fee_percents IS
'What each instalment costs besides, by percentages of its total, each of which is rounded.';
COMMENT ON COLUMN lending.replay_state.fees_by_hand IS
'Fees that are of no instalment: charged by hand, or at disbursement.';
COMMENT ON COLUMN lending.replay_state.rest IS 'What the last allocation left over.';
COMMENT ON COLUMN lending.replay_state.reason IS
'Why there is another version of the schedule, which is to be noted; NULL: there is none.';
COMMENT ON COLUMN lending.replay_state.advances IS
'Movements of kind advance that are to be noted.';

CREATE TYPE lending.replayed AS (
    balances lending.loan_balances,
    status lending.loan_status,
    disbursed_on date,
    restructured_on date,
    defaulted_on date,
    closed_on date,
    written_off_on date,
    movements lending.movements [],
    schedules lending.schedules [],
    instalments lending.instalments []
);
COMMENT ON TYPE lending.replayed IS
'What is true of a loan at the end of a day, as its transactions have it. A schedule is known by '
'the id of the transaction that made it, here also in schedule_id and schedules.id.';
COMMENT ON COLUMN lending.replayed.movements IS
'Of kind charge one for each stretch of days that is booked together; none of kind allowance.';
