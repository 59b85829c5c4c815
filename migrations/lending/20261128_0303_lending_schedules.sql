-- The schedules of loans, every version, and how each loan stands.
-- depends: 20261128_0302_lending_transactions

CREATE TYPE lending.schedule_reason AS ENUM (
    'planned', 'disbursement', 'prepayment', 'settlement', 'reschedule', 'rate_change', 'extension'
);
COMMENT ON TYPE lending.schedule_reason IS
'planned: before it is paid out; settlement: all was repaid before its time.';

CREATE TABLE lending.schedules (
    tenant_id integer NOT NULL,
    id uuid NOT NULL DEFAULT core.uuid_v7(),
    business_id integer NOT NULL,
    loan_id uuid NOT NULL,
    version_no core.place NOT NULL,
    reason lending.schedule_reason NOT NULL,
    effective_on core.finite_date NOT NULL,
    transaction_id uuid,
    annual_rate_percent lending.percent NOT NULL,
    is_live boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    last_modified_at timestamptz NOT NULL,
    last_modified_by text NOT NULL,
    CONSTRAINT schedules_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT schedules_business_key UNIQUE (tenant_id, business_id, id),
    CONSTRAINT schedules_version_no_key UNIQUE (tenant_id, loan_id, version_no),
    CONSTRAINT schedules_transaction_check CHECK ((transaction_id IS NULL) = (reason = 'planned')),
    CONSTRAINT schedules_loan_fkey FOREIGN KEY (tenant_id, business_id, loan_id)
    REFERENCES lending.loans (tenant_id, business_id, id) ON DELETE RESTRICT
);
CREATE INDEX schedules_loan_idx ON lending.schedules (tenant_id, business_id, loan_id);
CREATE INDEX schedules_live_idx
ON lending.schedules (tenant_id, loan_id, effective_on) WHERE is_live;
COMMENT ON TABLE lending.schedules IS
'The versions of the payment schedule of each loan: every one that there ever was. On a day the '
'live one with the latest effective_on (of these the latest version_no) up to it is in force.';
COMMENT ON COLUMN lending.schedules.version_no IS 'Numbers those of a loan, from 1.';
COMMENT ON COLUMN lending.schedules.reason IS 'Why it was made.';
COMMENT ON COLUMN lending.schedules.effective_on IS 'From when it is in force.';
COMMENT ON COLUMN lending.schedules.transaction_id IS
'What made it (lending.transactions); NULL: it was planned.';
COMMENT ON COLUMN lending.schedules.annual_rate_percent IS
'The rate of instalments after effective_on, percent a year.';
COMMENT ON COLUMN lending.schedules.is_live IS
'False: it is not so any more, since something earlier was recorded or reversed.';

CREATE TABLE lending.instalments (
    tenant_id integer NOT NULL,
    schedule_id uuid NOT NULL,
    instalment_no core.place NOT NULL,
    business_id integer NOT NULL,
    loan_id uuid NOT NULL,
    starts_on core.finite_date NOT NULL,
    due_date core.finite_date NOT NULL,
    days integer NOT NULL,
    principal core.turnover NOT NULL,
    interest core.turnover NOT NULL,
    fees core.turnover NOT NULL,
    amount core.turnover NOT NULL GENERATED ALWAYS AS (principal + interest + fees) STORED,
    balance core.turnover NOT NULL,
    interest_before core.turnover NOT NULL,
    principal_to_date core.turnover NOT NULL,
    interest_to_date core.turnover NOT NULL,
    fees_to_date core.turnover NOT NULL,
    CONSTRAINT instalments_pkey PRIMARY KEY (tenant_id, schedule_id, instalment_no),
    CONSTRAINT instalments_starts_on_check CHECK (starts_on <= due_date),
    CONSTRAINT instalments_interest_before_check CHECK (interest_before <= interest),
    CONSTRAINT instalments_to_date_check CHECK (
        principal_to_date >= principal AND interest_to_date >= interest AND fees_to_date >= fees
    ),
    CONSTRAINT instalments_schedule_fkey FOREIGN KEY (tenant_id, business_id, schedule_id)
    REFERENCES lending.schedules (tenant_id, business_id, id) ON DELETE RESTRICT,
    CONSTRAINT instalments_loan_fkey FOREIGN KEY (tenant_id, business_id, loan_id)
    REFERENCES lending.loans (tenant_id, business_id, id) ON DELETE RESTRICT
);
CREATE INDEX instalments_schedule_idx
ON lending.instalments (tenant_id, business_id, schedule_id, due_date);
CREATE INDEX instalments_loan_idx ON lending.instalments (tenant_id, business_id, loan_id);
COMMENT ON TABLE lending.instalments IS
'What is due when, in every version of the schedule of a loan; also what was repaid before its '
'time, as an instalment of that day. Never changes. What is paid: lending.payment_schedules.';
COMMENT ON COLUMN lending.instalments.instalment_no IS 'Numbers those of a version, by due date.';
COMMENT ON COLUMN lending.instalments.starts_on IS
'Its interest accrues after this day, an equal part a day, until it is due.';
COMMENT ON COLUMN lending.instalments.due_date IS 'When it is to be paid.';
COMMENT ON COLUMN lending.instalments.days IS 'The days since the one before, as they are counted.';
COMMENT ON COLUMN lending.instalments.principal IS 'What of it repays principal.';
COMMENT ON COLUMN lending.instalments.interest IS 'What of it is interest.';
COMMENT ON COLUMN lending.instalments.fees IS 'What of it is fees.';
COMMENT ON COLUMN lending.instalments.amount IS 'What is to be paid: principal, interest and fees.';
COMMENT ON COLUMN lending.instalments.balance IS 'The principal that is left after it.';
COMMENT ON COLUMN lending.instalments.interest_before IS
'The part of interest that had accrued by starts_on, under an earlier version, or was moved here.';
COMMENT ON COLUMN lending.instalments.principal_to_date IS
'The sum of principal of this one and all before it.';
COMMENT ON COLUMN lending.instalments.interest_to_date IS
'The sum of interest of this one and all before it.';
COMMENT ON COLUMN lending.instalments.fees_to_date IS
'The sum of fees of this one and all before it.';

CREATE TABLE lending.loan_balances (
    tenant_id integer NOT NULL,
    loan_id uuid NOT NULL,
    business_id integer NOT NULL,
    schedule_id uuid NOT NULL,
    processed_through core.finite_date NOT NULL,
    disbursed core.turnover NOT NULL,
    principal_settled core.turnover NOT NULL,
    interest_accrued core.turnover NOT NULL,
    interest_settled core.turnover NOT NULL,
    fees_scheduled core.turnover NOT NULL,
    fees_charged core.turnover NOT NULL,
    fees_settled core.turnover NOT NULL,
    penalty_days numeric NOT NULL,
    penalties_charged core.turnover NOT NULL,
    penalties_settled core.turnover NOT NULL,
    advance core.turnover NOT NULL,
    allowance core.turnover NOT NULL DEFAULT 0,
    principal core.turnover NOT NULL GENERATED ALWAYS AS (disbursed - principal_settled) STORED,
    interest core.turnover NOT NULL
    GENERATED ALWAYS AS (interest_accrued - interest_settled) STORED,
    fees core.turnover NOT NULL GENERATED ALWAYS AS (fees_charged - fees_settled) STORED,
    penalties core.turnover NOT NULL
    GENERATED ALWAYS AS (penalties_charged - penalties_settled) STORED,
    oldest_unpaid_due_on core.finite_date,
    overdue core.turnover NOT NULL DEFAULT 0,
    days_past_due integer NOT NULL DEFAULT 0,
    CONSTRAINT loan_balances_pkey PRIMARY KEY (tenant_id, loan_id),
    CONSTRAINT loan_balances_fees_check CHECK (fees_charged >= fees_scheduled),
    CONSTRAINT loan_balances_penalty_days_check
    CHECK (penalty_days >= 0 AND penalty_days < 'Infinity'),
    CONSTRAINT loan_balances_days_past_due_check CHECK (days_past_due >= 0),
    CONSTRAINT loan_balances_loan_fkey FOREIGN KEY (tenant_id, business_id, loan_id)
    REFERENCES lending.loans (tenant_id, business_id, id) ON DELETE RESTRICT,
    CONSTRAINT loan_balances_schedule_fkey FOREIGN KEY (tenant_id, business_id, schedule_id)
    REFERENCES lending.schedules (tenant_id, business_id, id) ON DELETE RESTRICT
) WITH (fillfactor = 80);
CREATE INDEX loan_balances_loan_idx ON lending.loan_balances (tenant_id, business_id, loan_id);
CREATE INDEX loan_balances_schedule_idx
ON lending.loan_balances (tenant_id, business_id, schedule_id);
COMMENT ON TABLE lending.loan_balances IS
'Each loan that was paid out as it stands at the end of processed_through: derived from its '
'movements and schedule, and proved against them.';
COMMENT ON COLUMN lending.loan_balances.schedule_id IS
'The version of the schedule that is in force.';
COMMENT ON COLUMN lending.loan_balances.processed_through IS
'The last day that the daily jobs, or a later transaction, have counted.';
COMMENT ON COLUMN lending.loan_balances.disbursed IS 'All that was lent.';
COMMENT ON COLUMN lending.loan_balances.principal_settled IS
'What was repaid or written off of it.';
COMMENT ON COLUMN lending.loan_balances.interest_accrued IS 'All interest until processed_through.';
COMMENT ON COLUMN lending.loan_balances.interest_settled IS
'What was paid, waived or written off of it.';
COMMENT ON COLUMN lending.loan_balances.fees_scheduled IS
'Fees of instalments that have fallen due.';
COMMENT ON COLUMN lending.loan_balances.fees_charged IS
'All fees: of instalments, at disbursement unless withheld, and by hand.';
COMMENT ON COLUMN lending.loan_balances.fees_settled IS
'What was paid, waived or written off of them.';
COMMENT ON COLUMN lending.loan_balances.penalty_days IS
'What was overdue beyond its days of grace, summed over days: penalties come to this times the '
'rate by 36500.';
COMMENT ON COLUMN lending.loan_balances.penalties_charged IS 'All penalties.';
COMMENT ON COLUMN lending.loan_balances.penalties_settled IS
'What was paid, waived or written off of them.';
COMMENT ON COLUMN lending.loan_balances.advance IS
'Money of the borrower that is kept for what falls due, or was overpaid.';
COMMENT ON COLUMN lending.loan_balances.allowance IS 'What is set aside for expected loss.';
COMMENT ON COLUMN lending.loan_balances.principal IS 'Principal that is owed.';
COMMENT ON COLUMN lending.loan_balances.interest IS 'Interest accrued and owed.';
COMMENT ON COLUMN lending.loan_balances.fees IS 'Fees charged and owed.';
COMMENT ON COLUMN lending.loan_balances.penalties IS 'Penalties charged and owed.';
COMMENT ON COLUMN lending.loan_balances.oldest_unpaid_due_on IS
'When the first instalment is due that is not settled; NULL: there is none.';
COMMENT ON COLUMN lending.loan_balances.overdue IS
'What should have been paid before processed_through, with penalties.';
COMMENT ON COLUMN lending.loan_balances.days_past_due IS
'Days from oldest_unpaid_due_on to processed_through; 0: nothing is late.';
