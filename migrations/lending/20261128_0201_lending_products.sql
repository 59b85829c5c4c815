-- The catalogue of loan products, with their fees.
-- depends: 20261128_0200_lending_schedule_terms

CREATE TYPE lending.due_kind AS ENUM ('penalty', 'fee', 'interest', 'principal');
COMMENT ON TYPE lending.due_kind IS 'What a payment can be for.';

CREATE TYPE lending.fee_occasion AS ENUM ('disbursement', 'instalment');
COMMENT ON TYPE lending.fee_occasion IS
'disbursement: once, when the loan is paid out; instalment: with each instalment.';

CREATE TYPE lending.fee_basis AS ENUM ('flat', 'percent');
COMMENT ON TYPE lending.fee_basis IS
'flat: an amount; percent: of the principal at disbursement, of the total of each instalment.';

CREATE DOMAIN lending.percent AS numeric
CONSTRAINT percent_is_up_to_10000_check
CHECK (VALUE BETWEEN 0 AND 10000 AND scale(trim_scale(VALUE)) <= 10);
COMMENT ON DOMAIN lending.percent IS
'Percent, from 0 to 10000 with up to 10 decimals: refused, not rounded, where there are more.';

CREATE DOMAIN lending.positive_amount AS numeric
CONSTRAINT positive_amount_is_money_check
CHECK (VALUE > 0 AND VALUE < 1e16 AND scale(trim_scale(VALUE)) <= 4);
COMMENT ON DOMAIN lending.positive_amount IS
'Money, more than zero, with up to 4 decimals: refused, not rounded, where there are more.';

CREATE TABLE lending.products (
    tenant_id integer NOT NULL,
    id uuid NOT NULL DEFAULT core.uuid_v7(),
    business_id integer,
    code core.code NOT NULL,
    name core.label NOT NULL,
    currency_code core.currency_code NOT NULL,
    minor_units smallint NOT NULL,
    method lending.interest_method NOT NULL,
    interest_calculation lending.interest_calculation NOT NULL,
    day_count lending.day_count NOT NULL,
    every smallint NOT NULL,
    frequency lending.frequency NOT NULL,
    grace_principal smallint NOT NULL,
    grace_interest smallint NOT NULL,
    interest_free smallint NOT NULL,
    round_to lending.positive_amount,
    rounding lending.rounding_mode NOT NULL,
    min_principal lending.positive_amount NOT NULL,
    max_principal lending.positive_amount NOT NULL,
    min_instalments smallint NOT NULL,
    max_instalments smallint NOT NULL,
    min_rate_percent lending.percent NOT NULL,
    default_rate_percent lending.percent NOT NULL,
    max_rate_percent lending.percent NOT NULL,
    penalty_rate_percent lending.percent NOT NULL,
    penalty_grace_days smallint NOT NULL,
    penalty_cap_percent lending.percent,
    allocation_order lending.due_kind[] NOT NULL,
    effective_from core.finite_date NOT NULL,
    effective_to core.finite_date,
    is_active boolean NOT NULL,
    version core.row_version NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    last_modified_at timestamptz NOT NULL,
    last_modified_by text NOT NULL,
    CONSTRAINT products_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT products_code_key UNIQUE NULLS NOT DISTINCT (tenant_id, code, business_id),
    CONSTRAINT products_minor_units_check CHECK (minor_units BETWEEN 0 AND 4),
    CONSTRAINT products_every_check CHECK (every BETWEEN 1 AND 1000),
    CONSTRAINT products_instalments_check
    CHECK (min_instalments >= 1 AND min_instalments <= max_instalments AND max_instalments <= 1200),
    CONSTRAINT products_grace_principal_check
    CHECK (grace_principal >= 0 AND grace_principal < min_instalments),
    CONSTRAINT products_grace_interest_check
    CHECK (grace_interest >= 0 AND grace_interest < min_instalments),
    CONSTRAINT products_interest_free_check
    CHECK (interest_free >= 0 AND interest_free < min_instalments),
    CONSTRAINT products_principal_check CHECK (min_principal <= max_principal),
    CONSTRAINT products_principal_units_check CHECK (
        scale(trim_scale(min_principal)) <= minor_units
        AND scale(trim_scale(max_principal)) <= minor_units
    ),
    CONSTRAINT products_round_to_units_check CHECK (scale(trim_scale(round_to)) <= minor_units),
    CONSTRAINT products_round_to_check
    CHECK (round_to * (max_instalments - grace_principal) < 2 * min_principal),
    CONSTRAINT products_rate_check CHECK (
        min_rate_percent <= default_rate_percent AND default_rate_percent <= max_rate_percent
    ),
    CONSTRAINT products_penalty_grace_days_check CHECK (penalty_grace_days BETWEEN 0 AND 3660),
    CONSTRAINT products_allocation_order_check CHECK (
        array_ndims(allocation_order) = 1
        AND cardinality(allocation_order) = 4
        AND allocation_order @> '{penalty,fee,interest,principal}'
    ),
    CONSTRAINT products_effective_check CHECK (effective_to >= effective_from),
    CONSTRAINT products_tenant_fkey FOREIGN KEY (tenant_id)
    REFERENCES identity.tenants (id) ON DELETE RESTRICT,
    CONSTRAINT products_business_fkey FOREIGN KEY (tenant_id, business_id)
    REFERENCES identity.businesses (tenant_id, id) ON DELETE RESTRICT
);
CREATE INDEX products_business_idx ON lending.products (tenant_id, business_id);
COMMENT ON TABLE lending.products IS
'What loans are on offer: of one business, or shared by all of the tenant, before which one of the '
'business with the same code goes. By its constraints every loan that a product allows has a '
'schedule (lending.preview_payment_schedule).';
COMMENT ON COLUMN lending.products.business_id IS
'NULL: every business that has none of its own with the code.';
COMMENT ON COLUMN lending.products.code IS 'What it is called in programs; stays.';
COMMENT ON COLUMN lending.products.currency_code IS 'What is lent and paid back; stays.';
COMMENT ON COLUMN lending.products.minor_units IS
'Decimals of the currency, to which every amount is rounded.';
COMMENT ON COLUMN lending.products.method IS 'How principal and interest are spread.';
COMMENT ON COLUMN lending.products.interest_calculation IS 'What interest is counted by.';
COMMENT ON COLUMN lending.products.day_count IS
'What part of a year days are, where interest is counted by the day.';
COMMENT ON COLUMN lending.products.every IS
'An instalment is due every so many units of frequency.';
COMMENT ON COLUMN lending.products.frequency IS 'The unit of every.';
COMMENT ON COLUMN lending.products.grace_principal IS
'So many first instalments pay no principal.';
COMMENT ON COLUMN lending.products.grace_interest IS
'The interest of so many first instalments is paid by the one after them.';
COMMENT ON COLUMN lending.products.interest_free IS 'So many first periods bear no interest.';
COMMENT ON COLUMN lending.products.round_to IS
'What the total of each instalment but the last is a multiple of; NULL: the smallest unit. Small '
'enough that no instalment of the smallest and longest loan is rounded to nothing.';
COMMENT ON COLUMN lending.products.rounding IS 'Where half a unit goes.';
COMMENT ON COLUMN lending.products.min_instalments IS 'The fewest instalments of a loan.';
COMMENT ON COLUMN lending.products.max_instalments IS 'The most instalments of a loan.';
COMMENT ON COLUMN lending.products.min_principal IS 'The least that is lent, in currency_code.';
COMMENT ON COLUMN lending.products.max_principal IS 'The most that is lent, in currency_code.';
COMMENT ON COLUMN lending.products.min_rate_percent IS 'The lowest rate, percent a year.';
COMMENT ON COLUMN lending.products.default_rate_percent IS
'The rate where none is agreed, percent a year.';
COMMENT ON COLUMN lending.products.max_rate_percent IS 'The highest rate, percent a year.';
COMMENT ON COLUMN lending.products.penalty_rate_percent IS
'Percent a year of what is overdue; 0: no penalty.';
COMMENT ON COLUMN lending.products.penalty_grace_days IS
'Days after the due date that bear no penalty.';
COMMENT ON COLUMN lending.products.penalty_cap_percent IS
'All penalties of a loan come to no more than so many percent of its principal; NULL: no cap.';
COMMENT ON COLUMN lending.products.allocation_order IS
'What a payment goes to first, second, third and last.';
COMMENT ON COLUMN lending.products.effective_from IS 'The first day on which it is lent.';
COMMENT ON COLUMN lending.products.effective_to IS 'The last day on which it is lent; NULL: open.';
COMMENT ON COLUMN lending.products.is_active IS 'False: nothing new is lent by it.';
COMMENT ON COLUMN lending.products.version IS
'How often the row was written; who updates it gives the one it has read.';

CREATE TABLE lending.product_fees (
    tenant_id integer NOT NULL,
    product_id uuid NOT NULL,
    code core.code NOT NULL,
    business_id integer,
    name core.label NOT NULL,
    occasion lending.fee_occasion NOT NULL,
    basis lending.fee_basis NOT NULL,
    amount lending.positive_amount NOT NULL,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    last_modified_at timestamptz NOT NULL,
    last_modified_by text NOT NULL,
    CONSTRAINT product_fees_pkey PRIMARY KEY (tenant_id, product_id, code),
    CONSTRAINT product_fees_amount_check CHECK (basis <> 'percent' OR amount <= 100),
    CONSTRAINT product_fees_product_fkey FOREIGN KEY (tenant_id, product_id)
    REFERENCES lending.products (tenant_id, id) ON DELETE RESTRICT
);
COMMENT ON TABLE lending.product_fees IS 'What a loan of a product costs besides interest.';
COMMENT ON COLUMN lending.product_fees.code IS 'What it is called in programs.';
COMMENT ON COLUMN lending.product_fees.business_id IS 'That of the product; set by a trigger.';
COMMENT ON COLUMN lending.product_fees.occasion IS 'When it is charged.';
COMMENT ON COLUMN lending.product_fees.basis IS 'What the amount is.';
COMMENT ON COLUMN lending.product_fees.amount IS
'By basis: in the currency of the product, with no more decimals than that has; or percent.';

INSERT INTO identity.permissions (code, module, description, must_be_named) VALUES
('lending.manage_products', 'lending', 'Make and change loan products.', false);
