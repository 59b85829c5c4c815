-- Loans with their terms, what secures them, and every change of their status.
-- depends: 20261128_0300_lending_organisation

CREATE TYPE lending.loan_status AS ENUM (
    'applied', 'approved', 'rejected', 'active', 'restructured', 'defaulted', 'overpaid', 'closed',
    'written_off'
);
COMMENT ON TYPE lending.loan_status IS
'applied: to be decided; approved: to be paid out; rejected: will not be; active: paid out and '
'owed; restructured: the same, after its terms were eased; defaulted: long overdue; overpaid: '
'nothing is owed, and the borrower has money to get back; closed: nothing is owed either way; '
'written_off: given up, though it may still be recovered.';

CREATE TYPE lending.allocation_basis AS ENUM ('kind', 'instalment');
COMMENT ON TYPE lending.allocation_basis IS
'kind: a payment goes to all that is due of one lending.due_kind, the oldest first, before the '
'next kind; instalment: to all kinds of the oldest instalment before the next instalment.';

CREATE TYPE lending.prepayment AS ENUM ('advance', 'reduce_instalment', 'reduce_term');
COMMENT ON TYPE lending.prepayment IS
'What becomes of a payment beyond what is due: advance: it is kept for what falls due next; '
'reduce_instalment: it repays principal, and the remaining instalments become smaller; '
'reduce_term: it repays principal, and there are fewer of them. What repays all of the loan '
'closes it, whatever is chosen.';

ALTER TABLE lending.products
ADD COLUMN allocate_by lending.allocation_basis NOT NULL DEFAULT 'kind',
ADD COLUMN prepayment lending.prepayment NOT NULL DEFAULT 'advance';
COMMENT ON COLUMN lending.products.allocate_by IS
'Whether allocation_order goes through kinds or through instalments first.';
COMMENT ON COLUMN lending.products.prepayment IS
'What becomes of a payment beyond what is due, unless it says otherwise.';

CREATE TABLE lending.loans (
    tenant_id integer NOT NULL,
    id uuid NOT NULL DEFAULT core.uuid_v7(),
    business_id integer NOT NULL,
    loan_no core.code NOT NULL,
    customer_id uuid NOT NULL,
    product_id uuid NOT NULL,
    group_id uuid,
    branch_id uuid,
    officer core.code NOT NULL,
    purpose core.label,
    status lending.loan_status NOT NULL DEFAULT 'applied',
    applied_on core.finite_date NOT NULL,
    requested_principal lending.positive_amount NOT NULL,
    principal lending.positive_amount NOT NULL,
    currency_code core.currency_code NOT NULL,
    minor_units smallint NOT NULL,
    annual_rate_percent lending.percent NOT NULL,
    instalments smallint NOT NULL,
    every smallint NOT NULL,
    frequency lending.frequency NOT NULL,
    method lending.interest_method NOT NULL,
    interest_calculation lending.interest_calculation NOT NULL,
    day_count lending.day_count NOT NULL,
    grace_principal smallint NOT NULL,
    grace_interest smallint NOT NULL,
    interest_free smallint NOT NULL,
    round_to lending.positive_amount,
    rounding lending.rounding_mode NOT NULL,
    penalty_rate_percent lending.percent NOT NULL,
    penalty_grace_days smallint NOT NULL,
    penalty_cap_percent lending.percent,
    allocation_order lending.due_kind[] NOT NULL,
    allocate_by lending.allocation_basis NOT NULL,
    prepayment lending.prepayment NOT NULL,
    expected_disbursement_on core.finite_date NOT NULL,
    first_due_on core.finite_date,
    decided_on core.finite_date,
    decided_by text,
    decision_reason core.reason,
    disbursed_on core.finite_date,
    restructured_on core.finite_date,
    defaulted_on core.finite_date,
    closed_on core.finite_date,
    written_off_on core.finite_date,
    version core.row_version NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    last_modified_at timestamptz NOT NULL,
    last_modified_by text NOT NULL,
    CONSTRAINT loans_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT loans_business_key UNIQUE (tenant_id, business_id, id),
    CONSTRAINT loans_loan_no_key UNIQUE (tenant_id, business_id, loan_no),
    CONSTRAINT loans_decided_check CHECK (
        (status = 'applied') = (decided_on IS NULL) AND (decided_on IS NULL) = (decided_by IS NULL)
    ),
    CONSTRAINT loans_rejected_check CHECK (status <> 'rejected' OR decision_reason IS NOT NULL),
    CONSTRAINT loans_four_eyes_check
    CHECK (status = 'rejected' OR (decided_by <> officer AND decided_by <> created_by)),
    CONSTRAINT loans_disbursed_check
    CHECK ((status IN ('applied', 'approved', 'rejected')) = (disbursed_on IS NULL)),
    CONSTRAINT loans_first_due_on_check
    CHECK (first_due_on > coalesce(disbursed_on, expected_disbursement_on)),
    CONSTRAINT loans_closed_check
    CHECK ((status IN ('closed', 'overpaid')) = (closed_on IS NOT NULL)),
    CONSTRAINT loans_written_off_check
    CHECK ((status = 'written_off') = (written_off_on IS NOT NULL)),
    CONSTRAINT loans_defaulted_check CHECK (status <> 'defaulted' OR defaulted_on IS NOT NULL),
    CONSTRAINT loans_restructured_check
    CHECK (status <> 'restructured' OR restructured_on IS NOT NULL),
    CONSTRAINT loans_minor_units_check CHECK (
        scale(trim_scale(principal)) <= minor_units
        AND scale(trim_scale(requested_principal)) <= minor_units
    ),
    CONSTRAINT loans_customer_fkey FOREIGN KEY (tenant_id, customer_id)
    REFERENCES party.customers (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT loans_product_fkey FOREIGN KEY (tenant_id, product_id)
    REFERENCES lending.products (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT loans_group_fkey FOREIGN KEY (tenant_id, business_id, group_id)
    REFERENCES lending.groups (tenant_id, business_id, id) ON DELETE RESTRICT,
    CONSTRAINT loans_branch_fkey FOREIGN KEY (tenant_id, business_id, branch_id)
    REFERENCES lending.branches (tenant_id, business_id, id) ON DELETE RESTRICT,
    CONSTRAINT loans_officer_fkey FOREIGN KEY (tenant_id, officer)
    REFERENCES identity.users (tenant_id, subject) ON DELETE RESTRICT,
    CONSTRAINT loans_tenant_business_fkey FOREIGN KEY (tenant_id, business_id)
    REFERENCES identity.businesses (tenant_id, id) ON DELETE RESTRICT
);
CREATE INDEX loans_customer_idx ON lending.loans (tenant_id, customer_id);
CREATE INDEX loans_product_idx ON lending.loans (tenant_id, product_id);
CREATE INDEX loans_group_idx ON lending.loans (tenant_id, business_id, group_id);
CREATE INDEX loans_branch_idx ON lending.loans (tenant_id, business_id, branch_id);
CREATE INDEX loans_officer_idx ON lending.loans (tenant_id, officer);
CREATE INDEX loans_status_idx ON lending.loans (tenant_id, business_id, status, disbursed_on);
COMMENT ON TABLE lending.loans IS
'Loans, from the application on. Terms are those of the product when it was applied for, and stay; '
'what changed since is in lending.transactions. Status and its dates follow from the transactions '
'(lending.restate) once it is paid out.';
COMMENT ON COLUMN lending.loans.loan_no IS 'What people call it: unique in the business.';
COMMENT ON COLUMN lending.loans.customer_id IS 'The borrower.';
COMMENT ON COLUMN lending.loans.product_id IS 'What it is a loan of.';
COMMENT ON COLUMN lending.loans.group_id IS 'With whom it was borrowed; NULL: alone.';
COMMENT ON COLUMN lending.loans.branch_id IS 'Where it was lent; NULL: nowhere in particular.';
COMMENT ON COLUMN lending.loans.officer IS
'Who answers for it: the subject of a user, who does not decide on it.';
COMMENT ON COLUMN lending.loans.purpose IS 'What it is for.';
COMMENT ON COLUMN lending.loans.applied_on IS 'The day of the application.';
COMMENT ON COLUMN lending.loans.requested_principal IS 'What was applied for.';
COMMENT ON COLUMN lending.loans.principal IS
'What may be lent: as requested until it was decided.';
COMMENT ON COLUMN lending.loans.currency_code IS 'What is lent and paid back.';
COMMENT ON COLUMN lending.loans.minor_units IS 'Decimals to which every amount is rounded.';
COMMENT ON COLUMN lending.loans.annual_rate_percent IS 'Percent a year, as first agreed.';
COMMENT ON COLUMN lending.loans.instalments IS 'How many, as first agreed.';
COMMENT ON COLUMN lending.loans.every IS 'An instalment is due every so many units of frequency.';
COMMENT ON COLUMN lending.loans.frequency IS 'The unit of every.';
COMMENT ON COLUMN lending.loans.method IS 'How principal and interest are spread.';
COMMENT ON COLUMN lending.loans.interest_calculation IS 'What interest is counted by.';
COMMENT ON COLUMN lending.loans.day_count IS 'What part of a year days are.';
COMMENT ON COLUMN lending.loans.grace_principal IS 'So many first instalments pay no principal.';
COMMENT ON COLUMN lending.loans.grace_interest IS
'The interest of so many first instalments is paid by the one after them.';
COMMENT ON COLUMN lending.loans.interest_free IS 'So many first periods bear no interest.';
COMMENT ON COLUMN lending.loans.round_to IS
'What the total of each instalment but the last is a multiple of; NULL: the smallest unit.';
COMMENT ON COLUMN lending.loans.rounding IS 'Where half a unit goes.';
COMMENT ON COLUMN lending.loans.penalty_rate_percent IS 'Percent a year of what is overdue.';
COMMENT ON COLUMN lending.loans.penalty_grace_days IS
'Days after the due date that bear no penalty.';
COMMENT ON COLUMN lending.loans.penalty_cap_percent IS
'All penalties come to no more than so many percent of principal; NULL: no cap.';
COMMENT ON COLUMN lending.loans.allocation_order IS
'What a payment goes to first, second, third and last.';
COMMENT ON COLUMN lending.loans.allocate_by IS
'Whether allocation_order goes through kinds or through instalments first.';
COMMENT ON COLUMN lending.loans.prepayment IS
'What becomes of a payment beyond what is due, unless it says otherwise.';
COMMENT ON COLUMN lending.loans.expected_disbursement_on IS 'When it is to be paid out.';
COMMENT ON COLUMN lending.loans.first_due_on IS
'When the first instalment is due; NULL: one interval after it is paid out.';
COMMENT ON COLUMN lending.loans.decided_on IS 'When it was approved or rejected.';
COMMENT ON COLUMN lending.loans.decided_by IS
'Who approved or rejected it. Approved by neither its officer nor who entered it.';
COMMENT ON COLUMN lending.loans.decision_reason IS 'Why it was decided so; of a rejection, always.';
COMMENT ON COLUMN lending.loans.disbursed_on IS 'When it was first paid out.';
COMMENT ON COLUMN lending.loans.restructured_on IS
'When its terms were eased, the last time; NULL: they were not.';
COMMENT ON COLUMN lending.loans.defaulted_on IS
'Since when it is in default; NULL: it is not, or what was overdue has been paid.';
COMMENT ON COLUMN lending.loans.closed_on IS 'When nothing was owed any more.';
COMMENT ON COLUMN lending.loans.written_off_on IS 'When it was given up.';
COMMENT ON COLUMN lending.loans.version IS
'How often the row was written; who updates it gives the one it has read.';

CREATE TABLE lending.loan_fees (
    tenant_id integer NOT NULL,
    loan_id uuid NOT NULL,
    code core.code NOT NULL,
    business_id integer NOT NULL,
    name core.label NOT NULL,
    occasion lending.fee_occasion NOT NULL,
    basis lending.fee_basis NOT NULL,
    amount lending.positive_amount NOT NULL,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    last_modified_at timestamptz NOT NULL,
    last_modified_by text NOT NULL,
    CONSTRAINT loan_fees_pkey PRIMARY KEY (tenant_id, loan_id, code),
    CONSTRAINT loan_fees_amount_check CHECK (basis <> 'percent' OR amount <= 100),
    CONSTRAINT loan_fees_loan_fkey FOREIGN KEY (tenant_id, business_id, loan_id)
    REFERENCES lending.loans (tenant_id, business_id, id) ON DELETE RESTRICT
);
CREATE INDEX loan_fees_loan_idx ON lending.loan_fees (tenant_id, business_id, loan_id);
COMMENT ON TABLE lending.loan_fees IS
'What a loan costs besides interest: the fees of its product when it was applied for.';
COMMENT ON COLUMN lending.loan_fees.code IS 'That of lending.product_fees.';
COMMENT ON COLUMN lending.loan_fees.occasion IS 'When it is charged.';
COMMENT ON COLUMN lending.loan_fees.basis IS 'What the amount is.';
COMMENT ON COLUMN lending.loan_fees.amount IS 'By basis: money, or percent.';

CREATE TABLE lending.guarantors (
    tenant_id integer NOT NULL,
    loan_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    business_id integer NOT NULL,
    amount lending.positive_amount NOT NULL,
    released_on core.finite_date,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    last_modified_at timestamptz NOT NULL,
    last_modified_by text NOT NULL,
    CONSTRAINT guarantors_pkey PRIMARY KEY (tenant_id, loan_id, customer_id),
    CONSTRAINT guarantors_loan_fkey FOREIGN KEY (tenant_id, business_id, loan_id)
    REFERENCES lending.loans (tenant_id, business_id, id) ON DELETE RESTRICT,
    CONSTRAINT guarantors_customer_fkey FOREIGN KEY (tenant_id, customer_id)
    REFERENCES party.customers (tenant_id, id) ON DELETE RESTRICT
);
CREATE INDEX guarantors_loan_idx ON lending.guarantors (tenant_id, business_id, loan_id);
CREATE INDEX guarantors_customer_idx ON lending.guarantors (tenant_id, customer_id);
COMMENT ON TABLE lending.guarantors IS 'Who answers for a loan besides the borrower.';
COMMENT ON COLUMN lending.guarantors.customer_id IS 'Who.';
COMMENT ON COLUMN lending.guarantors.amount IS 'For how much, in the currency of the loan.';
COMMENT ON COLUMN lending.guarantors.released_on IS 'Since when not any more; NULL: answers.';

CREATE TABLE lending.collaterals (
    tenant_id integer NOT NULL,
    id uuid NOT NULL DEFAULT core.uuid_v7(),
    business_id integer NOT NULL,
    loan_id uuid NOT NULL,
    kind core.code NOT NULL,
    description core.label NOT NULL,
    estimated_value lending.positive_amount NOT NULL,
    valued_on core.finite_date NOT NULL,
    released_on core.finite_date,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    last_modified_at timestamptz NOT NULL,
    last_modified_by text NOT NULL,
    CONSTRAINT collaterals_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT collaterals_loan_fkey FOREIGN KEY (tenant_id, business_id, loan_id)
    REFERENCES lending.loans (tenant_id, business_id, id) ON DELETE RESTRICT
);
CREATE INDEX collaterals_loan_idx ON lending.collaterals (tenant_id, business_id, loan_id);
COMMENT ON TABLE lending.collaterals IS 'What secures a loan.';
COMMENT ON COLUMN lending.collaterals.kind IS 'Such as land, vehicle, livestock, savings.';
COMMENT ON COLUMN lending.collaterals.description IS 'Which one it is.';
COMMENT ON COLUMN lending.collaterals.estimated_value IS
'What it is worth, in the currency of the loan.';
COMMENT ON COLUMN lending.collaterals.valued_on IS 'When that was estimated.';
COMMENT ON COLUMN lending.collaterals.released_on IS 'When it was given back; NULL: it was not.';

CREATE TABLE lending.status_changes (
    tenant_id integer NOT NULL,
    loan_id uuid NOT NULL,
    no core.place NOT NULL,
    business_id integer NOT NULL,
    from_status lending.loan_status,
    to_status lending.loan_status NOT NULL,
    changed_at timestamptz NOT NULL,
    changed_by text NOT NULL,
    CONSTRAINT status_changes_pkey PRIMARY KEY (tenant_id, loan_id, no),
    CONSTRAINT status_changes_loan_fkey FOREIGN KEY (tenant_id, business_id, loan_id)
    REFERENCES lending.loans (tenant_id, business_id, id) ON DELETE RESTRICT
);
CREATE INDEX status_changes_loan_idx ON lending.status_changes (tenant_id, business_id, loan_id);
COMMENT ON TABLE lending.status_changes IS
'Every status that a loan had, written by a trigger. Append-only.';
COMMENT ON COLUMN lending.status_changes.no IS 'Numbers them, from 1.';
COMMENT ON COLUMN lending.status_changes.from_status IS 'Before; NULL: it was new.';
COMMENT ON COLUMN lending.status_changes.to_status IS 'From then on.';
COMMENT ON COLUMN lending.status_changes.changed_at IS 'When it was written.';
COMMENT ON COLUMN lending.status_changes.changed_by IS 'Who did what changed it.';
