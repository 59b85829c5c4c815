-- Runs, and records with what is withheld of whom.
-- depends: 20261127_2050_payroll_setup

CREATE TYPE payroll.item_kind AS ENUM ('earning', 'absence', 'statutory', 'deduction');
COMMENT ON TYPE payroll.item_kind IS
'earning: adds to gross; absence: takes from gross; statutory: a payroll.component; deduction: '
'other that is kept back from net.';

CREATE TYPE payroll.run_status AS ENUM (
    'draft', 'calculated', 'approved', 'processing', 'processed', 'paid'
);
COMMENT ON TYPE payroll.run_status IS
'draft: to be calculated; approved: by another user than who calculated; processing: sent to the '
'books, which have not answered for every record; processed: all records are in the books.';

CREATE TYPE payroll.record_status AS ENUM (
    'pending', 'processing', 'processed', 'paid', 'reversing', 'reversed'
);
COMMENT ON TYPE payroll.record_status IS
'pending: may change; processing and reversing: the books have not answered yet; processed: has '
'its accounting_transaction_id; reversed: undone in the books, another record may follow.';

CREATE TABLE payroll.runs (
    tenant_id integer NOT NULL,
    id uuid NOT NULL DEFAULT core.uuid_v7(),
    business_id integer NOT NULL,
    calendar_id uuid NOT NULL,
    period_code core.code NOT NULL,
    starts_on core.finite_date NOT NULL,
    ends_on core.finite_date NOT NULL,
    pay_date core.finite_date NOT NULL,
    status payroll.run_status NOT NULL DEFAULT 'draft',
    prepared_by text,
    approved_by text,
    approved_at timestamptz,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    last_modified_at timestamptz NOT NULL,
    last_modified_by text NOT NULL,
    CONSTRAINT runs_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT runs_business_key UNIQUE (tenant_id, business_id, id),
    CONSTRAINT runs_period_code_key UNIQUE (tenant_id, calendar_id, period_code),
    CONSTRAINT runs_starts_on_key UNIQUE (tenant_id, calendar_id, starts_on),
    CONSTRAINT runs_span_check CHECK (ends_on >= starts_on),
    CONSTRAINT runs_pay_date_check CHECK (pay_date >= starts_on),
    CONSTRAINT runs_prepared_check CHECK (status = 'draft' OR prepared_by IS NOT NULL),
    CONSTRAINT runs_approved_check
    CHECK ((status IN ('draft', 'calculated')) = (approved_by IS NULL)),
    CONSTRAINT runs_approved_at_check CHECK ((approved_by IS NULL) = (approved_at IS NULL)),
    CONSTRAINT runs_four_eyes_check CHECK (approved_by <> prepared_by),
    CONSTRAINT runs_calendar_fkey FOREIGN KEY (tenant_id, business_id, calendar_id)
    REFERENCES payroll.calendars (tenant_id, business_id, id) ON DELETE RESTRICT
);
CREATE INDEX runs_calendar_idx ON payroll.runs (tenant_id, business_id, calendar_id);
CREATE INDEX runs_pay_date_idx ON payroll.runs (tenant_id, business_id, pay_date);
COMMENT ON TABLE payroll.runs IS 'One payment of one calendar: a period and its records.';
COMMENT ON COLUMN payroll.runs.approved_at IS 'When it was approved.';
COMMENT ON COLUMN payroll.runs.approved_by IS 'Who approved it.';
COMMENT ON COLUMN payroll.runs.pay_date IS 'When it is paid: decides the rates and the year.';
COMMENT ON COLUMN payroll.runs.ends_on IS 'The last day of the period.';
COMMENT ON COLUMN payroll.runs.period_code IS
'The month as 2026-01, of other periods the first day.';
COMMENT ON COLUMN payroll.runs.prepared_by IS 'Who calculated it last.';

CREATE TABLE payroll.run_items (
    tenant_id integer NOT NULL,
    business_id integer NOT NULL,
    run_id uuid NOT NULL,
    employee_id uuid NOT NULL,
    kind payroll.item_kind NOT NULL,
    code core.code NOT NULL,
    description core.label,
    amount core.turnover NOT NULL,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    last_modified_at timestamptz NOT NULL,
    last_modified_by text NOT NULL,
    CONSTRAINT run_items_pkey PRIMARY KEY (tenant_id, run_id, employee_id, kind, code),
    CONSTRAINT run_items_kind_check CHECK (kind <> 'statutory'),
    CONSTRAINT run_items_amount_check CHECK (amount > 0),
    CONSTRAINT run_items_code_check CHECK (code <> 'salary'),
    CONSTRAINT run_items_run_fkey FOREIGN KEY (tenant_id, business_id, run_id)
    REFERENCES payroll.runs (tenant_id, business_id, id) ON DELETE RESTRICT,
    CONSTRAINT run_items_employee_fkey FOREIGN KEY (tenant_id, business_id, employee_id)
    REFERENCES payroll.employee_cache (tenant_id, business_id, employee_id) ON DELETE RESTRICT
);
CREATE INDEX run_items_run_idx ON payroll.run_items (tenant_id, business_id, run_id);
CREATE INDEX run_items_employee_idx ON payroll.run_items (tenant_id, business_id, employee_id);
COMMENT ON TABLE payroll.run_items IS
'What a run pays or keeps back besides salary and statute: bonuses, unpaid days, advances.';
COMMENT ON COLUMN payroll.run_items.amount IS 'More than zero, whatever the kind.';
COMMENT ON COLUMN payroll.run_items.kind IS 'earning, absence or deduction.';

CREATE TABLE payroll.payroll_records (
    tenant_id integer NOT NULL,
    id uuid NOT NULL DEFAULT core.uuid_v7(),
    business_id integer NOT NULL,
    run_id uuid NOT NULL,
    employee_id uuid NOT NULL,
    employee_no core.code NOT NULL,
    department_code core.code NOT NULL,
    pay_date core.finite_date NOT NULL,
    status payroll.record_status NOT NULL DEFAULT 'pending',
    attempt integer NOT NULL DEFAULT 1,
    gross core.turnover NOT NULL DEFAULT 0,
    federal_tax core.turnover NOT NULL DEFAULT 0,
    state_tax core.turnover NOT NULL DEFAULT 0,
    social_security_tax core.turnover NOT NULL DEFAULT 0,
    medicare_tax core.turnover NOT NULL DEFAULT 0,
    paye core.turnover NOT NULL DEFAULT 0,
    nssf core.turnover NOT NULL DEFAULT 0,
    shif core.turnover NOT NULL DEFAULT 0,
    housing_levy core.turnover NOT NULL DEFAULT 0,
    other_deductions core.turnover NOT NULL DEFAULT 0,
    taxes core.turnover NOT NULL GENERATED ALWAYS AS (
        federal_tax + state_tax + social_security_tax + medicare_tax + paye
    ) STORED,
    deductions core.turnover NOT NULL GENERATED ALWAYS AS (
        nssf + shif + housing_levy + other_deductions
    ) STORED,
    net core.turnover NOT NULL GENERATED ALWAYS AS (
        gross - (federal_tax + state_tax + social_security_tax + medicare_tax + paye)
        - (nssf + shif + housing_levy + other_deductions)
    ) STORED,
    employer_social_security core.turnover NOT NULL DEFAULT 0,
    employer_medicare core.turnover NOT NULL DEFAULT 0,
    employer_nssf core.turnover NOT NULL DEFAULT 0,
    employer_housing_levy core.turnover NOT NULL DEFAULT 0,
    employer_costs core.turnover NOT NULL GENERATED ALWAYS AS (
        employer_social_security + employer_medicare + employer_nssf + employer_housing_levy
    ) STORED,
    ytd_gross core.turnover NOT NULL DEFAULT 0,
    accounting_transaction_id uuid,
    payment_transaction_id uuid,
    reversal_transaction_id uuid,
    rejection_reason text,
    paid_on core.finite_date,
    reversed_on core.finite_date,
    reversal_reason core.reason,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    last_modified_at timestamptz NOT NULL,
    last_modified_by text NOT NULL,
    CONSTRAINT payroll_records_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT payroll_records_business_key UNIQUE (tenant_id, business_id, id),
    CONSTRAINT payroll_records_net_check CHECK (net = gross - taxes - deductions),
    CONSTRAINT payroll_records_attempt_check CHECK (attempt > 0),
    CONSTRAINT payroll_records_booked_check CHECK (
        (status IN ('pending', 'processing')) = (accounting_transaction_id IS NULL)
        OR (accounting_transaction_id IS NULL AND gross = 0)
    ),
    CONSTRAINT payroll_records_paid_check
    CHECK (paid_on IS NOT NULL OR status <> 'paid'),
    CONSTRAINT payroll_records_reversed_check CHECK (
        (status IN ('reversing', 'reversed')) = (reversed_on IS NOT NULL)
        AND (reversed_on IS NULL) = (reversal_reason IS NULL)
    ),
    CONSTRAINT payroll_records_run_fkey FOREIGN KEY (tenant_id, business_id, run_id)
    REFERENCES payroll.runs (tenant_id, business_id, id) ON DELETE RESTRICT,
    CONSTRAINT payroll_records_employee_fkey FOREIGN KEY (tenant_id, business_id, employee_id)
    REFERENCES payroll.employee_cache (tenant_id, business_id, employee_id) ON DELETE RESTRICT
);
CREATE UNIQUE INDEX payroll_records_live_idx
ON payroll.payroll_records (tenant_id, run_id, employee_id)
WHERE status <> 'reversed';
CREATE INDEX payroll_records_run_idx
ON payroll.payroll_records (tenant_id, business_id, run_id, status);
CREATE INDEX payroll_records_employee_idx
ON payroll.payroll_records (tenant_id, business_id, employee_id, pay_date);
CREATE INDEX payroll_records_status_idx
ON payroll.payroll_records (tenant_id, business_id, status)
WHERE status IN ('pending', 'processing', 'reversing');
COMMENT ON TABLE payroll.payroll_records IS
'What one employee gets of one run, in the currency of its calendar: net = gross - taxes - '
'deductions. A corrected record is another one; the old one is reversed.';
COMMENT ON COLUMN payroll.payroll_records.reversal_reason IS 'Why it is reversed.';
COMMENT ON COLUMN payroll.payroll_records.reversed_on IS 'The day of the reversal.';
COMMENT ON COLUMN payroll.payroll_records.paid_on IS 'When net was paid; NULL: not yet.';
COMMENT ON COLUMN payroll.payroll_records.employer_costs IS
'The sum of what the employer owes besides gross.';
COMMENT ON COLUMN payroll.payroll_records.employer_housing_levy IS
'Housing levy, the share of the employer.';
COMMENT ON COLUMN payroll.payroll_records.employer_nssf IS 'NSSF, the share of the employer.';
COMMENT ON COLUMN payroll.payroll_records.employer_medicare IS
'Medicare, the share of the employer.';
COMMENT ON COLUMN payroll.payroll_records.employer_social_security IS
'OASDI, the share of the employer.';
COMMENT ON COLUMN payroll.payroll_records.net IS 'What the employee gets.';
COMMENT ON COLUMN payroll.payroll_records.deductions IS 'The sum of what else is kept back.';
COMMENT ON COLUMN payroll.payroll_records.taxes IS 'The sum of the taxes.';
COMMENT ON COLUMN payroll.payroll_records.other_deductions IS 'Deductions of payroll.run_items.';
COMMENT ON COLUMN payroll.payroll_records.housing_levy IS
'Affordable housing levy, of the employee (Kenya).';
COMMENT ON COLUMN payroll.payroll_records.shif IS 'Social Health Insurance Fund (Kenya).';
COMMENT ON COLUMN payroll.payroll_records.nssf IS
'National Social Security Fund, of the employee (Kenya).';
COMMENT ON COLUMN payroll.payroll_records.paye IS 'Income tax withheld (Kenya).';
COMMENT ON COLUMN payroll.payroll_records.medicare_tax IS
'Medicare with its additional tax, of the employee (US).';
COMMENT ON COLUMN payroll.payroll_records.social_security_tax IS
'OASDI, the share of the employee (US).';
COMMENT ON COLUMN payroll.payroll_records.state_tax IS 'Income tax of a state (US).';
COMMENT ON COLUMN payroll.payroll_records.federal_tax IS 'Federal income tax (US).';
COMMENT ON COLUMN payroll.payroll_records.gross IS 'What was earned: earnings less absence.';
COMMENT ON COLUMN payroll.payroll_records.pay_date IS 'That of the run.';
COMMENT ON COLUMN payroll.payroll_records.employee_no IS
'That of the employee when it was calculated.';
COMMENT ON COLUMN payroll.payroll_records.department_code IS
'That of the employee when it was calculated; also of journal lines.';
COMMENT ON COLUMN payroll.payroll_records.attempt IS
'Counts calculations after a rejection: part of the key by which the books post it once.';
COMMENT ON COLUMN payroll.payroll_records.ytd_gross IS
'What was paid to the employee in the year of pay_date before, when this was calculated.';
COMMENT ON COLUMN payroll.payroll_records.accounting_transaction_id IS
'The entry that posted it (ledger.journal_entries, a logical reference); NULL also when there was '
'nothing to post.';
COMMENT ON COLUMN payroll.payroll_records.payment_transaction_id IS
'The entry that posted its payment, a logical reference.';
COMMENT ON COLUMN payroll.payroll_records.reversal_transaction_id IS
'The entry that reversed it, a logical reference.';
COMMENT ON COLUMN payroll.payroll_records.rejection_reason IS
'Why the books refused it last; NULL: they did not, or have accepted it since.';

CREATE TABLE payroll.record_items (
    tenant_id integer NOT NULL,
    business_id integer NOT NULL,
    record_id uuid NOT NULL,
    kind payroll.item_kind NOT NULL,
    code core.code NOT NULL,
    base core.turnover NOT NULL DEFAULT 0,
    amount core.turnover NOT NULL DEFAULT 0,
    employer_amount core.turnover NOT NULL DEFAULT 0,
    CONSTRAINT record_items_pkey PRIMARY KEY (tenant_id, record_id, kind, code),
    CONSTRAINT record_items_record_fkey FOREIGN KEY (tenant_id, business_id, record_id)
    REFERENCES payroll.payroll_records (tenant_id, business_id, id) ON DELETE CASCADE
);
CREATE INDEX record_items_record_idx
ON payroll.record_items (tenant_id, business_id, record_id);
COMMENT ON TABLE payroll.record_items IS
'How a record comes about, line by line of its payslip; the sums are in payroll.payroll_records.';
COMMENT ON COLUMN payroll.record_items.kind IS 'What the line does to the pay.';
COMMENT ON COLUMN payroll.record_items.code IS
'salary, the code of a payroll.run_items, or a payroll.component.';
COMMENT ON COLUMN payroll.record_items.base IS 'Of statutory items: what the rates were put to.';
COMMENT ON COLUMN payroll.record_items.amount IS 'The employee''s.';
COMMENT ON COLUMN payroll.record_items.employer_amount IS 'What the employer owes besides.';

CREATE TABLE payroll.summary_dues (
    tenant_id integer NOT NULL,
    business_id integer NOT NULL,
    noted_at timestamptz NOT NULL,
    CONSTRAINT summary_dues_pkey PRIMARY KEY (tenant_id, business_id)
);
COMMENT ON TABLE payroll.summary_dues IS
'Businesses whose payroll changed since payroll.run_summary was refreshed; '
'payroll.refresh_summary empties it.';
COMMENT ON COLUMN payroll.summary_dues.noted_at IS
'When the first change was noted in its transaction.';

CREATE TABLE payroll.summary_refreshes (
    only_row boolean NOT NULL DEFAULT true,
    refreshed_at timestamptz NOT NULL,
    CONSTRAINT summary_refreshes_pkey PRIMARY KEY (only_row),
    CONSTRAINT summary_refreshes_only_row_check CHECK (only_row)
);
INSERT INTO payroll.summary_refreshes (refreshed_at) VALUES ('-infinity');
COMMENT ON TABLE payroll.summary_refreshes IS
'One row: when payroll.run_summary was refreshed last.';
COMMENT ON COLUMN payroll.summary_refreshes.refreshed_at IS
'When payroll.run_summary was refreshed.';
COMMENT ON COLUMN payroll.summary_refreshes.only_row IS 'True: there is one row.';
