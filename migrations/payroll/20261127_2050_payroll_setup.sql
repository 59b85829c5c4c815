-- Statutory rates, pay calendars, and what payroll knows of employees.
-- depends: 20261127_2042_events_of_hr

CREATE SCHEMA payroll;
COMMENT ON SCHEMA payroll IS
'What employees are paid and what is withheld of it, run by run. Knows hr by its events and the '
'ledger by what it answers. Read with the permission payroll.read; rates are public.';

CREATE TYPE payroll.frequency AS ENUM ('weekly', 'biweekly', 'semimonthly', 'monthly');
COMMENT ON TYPE payroll.frequency IS
'How often a calendar pays: 52, 26, 24 or 12 times a year; semimonthly: until the 15th, and until '
'the end of the month.';

CREATE TYPE payroll.component AS ENUM (
    'federal_tax', 'state_tax', 'social_security_tax', 'medicare_tax', 'paye',
    'nssf', 'shif', 'housing_levy'
);
COMMENT ON TYPE payroll.component IS
'What the law withholds: taxes (federal_tax to paye), and deductions (nssf, shif, housing_levy).';

CREATE TYPE payroll.rate_window AS ENUM ('month', 'year', 'year_to_date');
COMMENT ON TYPE payroll.rate_window IS
'What the bounds of a rate are for: month: pay of a month (of a shorter period, its part of it); '
'year: the pay of the period as if it were paid all year; year_to_date: what was paid since '
'1 January, this pay included.';

CREATE TYPE payroll.rate_base AS ENUM ('gross', 'taxable');
COMMENT ON TYPE payroll.rate_base IS
'gross: all that is earned; taxable: gross without what is_pretax withholds before.';

CREATE DOMAIN payroll.rate AS numeric(9, 6)
CONSTRAINT rate_is_a_part_check CHECK (VALUE BETWEEN 0 AND 1 AND VALUE <> 'NaN'::numeric);
COMMENT ON DOMAIN payroll.rate IS 'A part of an amount, from 0 to 1: 0.062 is 6.2 %.';

CREATE DOMAIN payroll.rounding_unit AS numeric(20, 4)
CONSTRAINT rounding_unit_is_positive_check CHECK (VALUE > 0 AND VALUE <> 'NaN'::numeric);
COMMENT ON DOMAIN payroll.rounding_unit IS
'What an amount is rounded to a multiple of, half up: 0.01, 1.';

CREATE TABLE payroll.tax_rates (
    jurisdiction core.code NOT NULL,
    component payroll.component NOT NULL,
    slice core.code NOT NULL,
    filing_status core.code NOT NULL DEFAULT 'any',
    effective_from core.finite_date NOT NULL,
    effective_to core.finite_date,
    base payroll.rate_base NOT NULL,
    rate_window payroll.rate_window NOT NULL,
    from_amount core.turnover NOT NULL DEFAULT 0,
    to_amount core.turnover,
    employee_rate payroll.rate NOT NULL DEFAULT 0,
    employer_rate payroll.rate NOT NULL DEFAULT 0,
    fixed_amount core.amount NOT NULL DEFAULT 0,
    minimum_amount core.turnover NOT NULL DEFAULT 0,
    is_pretax boolean NOT NULL DEFAULT false,
    rounding payroll.rounding_unit NOT NULL DEFAULT 0.01,
    source core.note NOT NULL,
    CONSTRAINT tax_rates_pkey
    PRIMARY KEY (jurisdiction, component, filing_status, slice, effective_from),
    CONSTRAINT tax_rates_jurisdiction_check CHECK (jurisdiction ~ '^[A-Z]{2}(-[A-Z0-9]+)*$'),
    CONSTRAINT tax_rates_effective_check CHECK (effective_to >= effective_from),
    CONSTRAINT tax_rates_bounds_check CHECK (to_amount > from_amount),
    CONSTRAINT tax_rates_taxable_check
    CHECK (base = 'gross' OR (NOT is_pretax AND rate_window <> 'year_to_date'))
);
COMMENT ON TABLE payroll.tax_rates IS
'Statutory rates by the days on which they hold: each row is a slice, the part of an amount '
'between two bounds and the rates on it; a tax is the sum of its slices. The law, the same for all '
'tenants; rows come with seeds/reference/payroll.';
COMMENT ON COLUMN payroll.tax_rates.employer_rate IS 'What the employer owes of it besides.';
COMMENT ON COLUMN payroll.tax_rates.employee_rate IS 'What the employee owes of the slice.';
COMMENT ON COLUMN payroll.tax_rates.rate_window IS 'What the bounds are for.';
COMMENT ON COLUMN payroll.tax_rates.base IS 'What of the pay the rates are put to.';
COMMENT ON COLUMN payroll.tax_rates.slice IS 'Tells the slices of a component apart.';
COMMENT ON COLUMN payroll.tax_rates.component IS 'What is withheld.';
COMMENT ON COLUMN payroll.tax_rates.jurisdiction IS
'Country, or country and state: rows of US hold in US-IL too.';
COMMENT ON COLUMN payroll.tax_rates.filing_status IS
'Of the employee (payroll.enrolments), or any.';
COMMENT ON COLUMN payroll.tax_rates.effective_from IS 'The first day of payment on which it holds.';
COMMENT ON COLUMN payroll.tax_rates.effective_to IS 'The last one; NULL: no end is known.';
COMMENT ON COLUMN payroll.tax_rates.from_amount IS 'The slice is what exceeds this …';
COMMENT ON COLUMN payroll.tax_rates.to_amount IS '… up to this; NULL: without end.';
COMMENT ON COLUMN payroll.tax_rates.fixed_amount IS
'What is added for the window (month or year), whatever the pay; a relief is negative. A tax does '
'not fall below zero.';
COMMENT ON COLUMN payroll.tax_rates.minimum_amount IS
'The least that an employee with any pay owes for the window.';
COMMENT ON COLUMN payroll.tax_rates.is_pretax IS 'Whether it reduces what is taxable.';
COMMENT ON COLUMN payroll.tax_rates.rounding IS
'The sum of a component''s slices is rounded to it; of several rows the largest counts.';
COMMENT ON COLUMN payroll.tax_rates.source IS 'The law or publication that says so.';

CREATE TABLE payroll.calendars (
    tenant_id integer NOT NULL,
    id uuid NOT NULL DEFAULT core.uuid_v7(),
    business_id integer NOT NULL,
    code core.code NOT NULL,
    name core.label NOT NULL,
    frequency payroll.frequency NOT NULL,
    anchor_on core.finite_date NOT NULL,
    jurisdiction core.code NOT NULL,
    currency_code core.currency_code NOT NULL,
    rounding payroll.rounding_unit NOT NULL DEFAULT 0.01,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    last_modified_at timestamptz NOT NULL,
    last_modified_by text NOT NULL,
    CONSTRAINT calendars_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT calendars_business_key UNIQUE (tenant_id, business_id, id),
    CONSTRAINT calendars_code_key UNIQUE (tenant_id, business_id, code),
    CONSTRAINT calendars_jurisdiction_check CHECK (jurisdiction ~ '^[A-Z]{2}(-[A-Z0-9]+)*$'),
    CONSTRAINT calendars_business_fkey FOREIGN KEY (tenant_id, business_id)
    REFERENCES identity.businesses (tenant_id, id) ON DELETE RESTRICT
);
COMMENT ON TABLE payroll.calendars IS
'Pay calendars: who is paid how often, and by the rates of which jurisdiction.';
COMMENT ON COLUMN payroll.calendars.currency_code IS 'The currency of pay: that of the business.';
COMMENT ON COLUMN payroll.calendars.frequency IS 'How often it pays.';
COMMENT ON COLUMN payroll.calendars.anchor_on IS
'A day on which a period begins; weeks are counted from it. Months and their halves begin on their '
'own days.';
COMMENT ON COLUMN payroll.calendars.jurisdiction IS 'See payroll.tax_rates: KE, US, US-IL.';
COMMENT ON COLUMN payroll.calendars.rounding IS 'Pay is rounded to it: the currency''s minor unit.';

CREATE TABLE payroll.employee_cache (
    tenant_id integer NOT NULL,
    employee_id uuid NOT NULL,
    business_id integer NOT NULL,
    employee_no core.code NOT NULL,
    name core.label NOT NULL,
    title core.label,
    department_code core.code NOT NULL,
    manager_no core.code,
    status core.code NOT NULL,
    hired_on core.finite_date NOT NULL,
    terminated_on core.finite_date,
    version integer NOT NULL,
    CONSTRAINT employee_cache_pkey PRIMARY KEY (tenant_id, employee_id),
    CONSTRAINT employee_cache_business_key UNIQUE (tenant_id, business_id, employee_id),
    CONSTRAINT employee_cache_employee_no_key UNIQUE (tenant_id, business_id, employee_no),
    CONSTRAINT employee_cache_status_check CHECK (status IN ('active', 'on_leave', 'terminated')),
    CONSTRAINT employee_cache_version_check CHECK (version > 0)
);
COMMENT ON TABLE payroll.employee_cache IS
'What payroll knows of employees (hr.employees, a logical reference): written by '
'payroll.cache_employee from the events of hr alone, in every topology.';
COMMENT ON COLUMN payroll.employee_cache.terminated_on IS 'The last day of employment.';
COMMENT ON COLUMN payroll.employee_cache.hired_on IS 'The first day of employment.';
COMMENT ON COLUMN payroll.employee_cache.manager_no IS 'The employee_no of the manager.';
COMMENT ON COLUMN payroll.employee_cache.department_code IS
'hr.departments.code, a logical reference.';
COMMENT ON COLUMN payroll.employee_cache.title IS 'What the person works as.';
COMMENT ON COLUMN payroll.employee_cache.employee_no IS 'The number that people know.';
COMMENT ON COLUMN payroll.employee_cache.employee_id IS 'hr.employees.id, a logical reference.';
COMMENT ON COLUMN payroll.employee_cache.version IS
'The version of the employee that the row is of; an older one that comes later is left out.';

CREATE TABLE payroll.salary_cache (
    tenant_id integer NOT NULL,
    business_id integer NOT NULL,
    employee_id uuid NOT NULL,
    effective_from core.finite_date NOT NULL,
    amount core.turnover NOT NULL,
    unit core.code NOT NULL,
    currency_code core.currency_code NOT NULL,
    CONSTRAINT salary_cache_pkey PRIMARY KEY (tenant_id, employee_id, effective_from),
    CONSTRAINT salary_cache_unit_check CHECK (unit IN ('month', 'year')),
    CONSTRAINT salary_cache_employee_fkey FOREIGN KEY (tenant_id, business_id, employee_id)
    REFERENCES payroll.employee_cache (tenant_id, business_id, employee_id) ON DELETE CASCADE
);
CREATE INDEX salary_cache_employee_idx
ON payroll.salary_cache (tenant_id, business_id, employee_id);
COMMENT ON TABLE payroll.salary_cache IS
'The salaries of payroll.employee_cache, from which day on.';
COMMENT ON COLUMN payroll.salary_cache.currency_code IS 'The currency of the amount.';
COMMENT ON COLUMN payroll.salary_cache.unit IS 'month or year.';
COMMENT ON COLUMN payroll.salary_cache.amount IS 'Per unit.';
COMMENT ON COLUMN payroll.salary_cache.effective_from IS 'The first day on which it holds.';

CREATE TABLE payroll.enrolments (
    tenant_id integer NOT NULL,
    business_id integer NOT NULL,
    employee_id uuid NOT NULL,
    calendar_id uuid NOT NULL,
    filing_status core.code NOT NULL DEFAULT 'single',
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    last_modified_at timestamptz NOT NULL,
    last_modified_by text NOT NULL,
    CONSTRAINT enrolments_pkey PRIMARY KEY (tenant_id, employee_id),
    CONSTRAINT enrolments_employee_fkey FOREIGN KEY (tenant_id, business_id, employee_id)
    REFERENCES payroll.employee_cache (tenant_id, business_id, employee_id) ON DELETE RESTRICT,
    CONSTRAINT enrolments_calendar_fkey FOREIGN KEY (tenant_id, business_id, calendar_id)
    REFERENCES payroll.calendars (tenant_id, business_id, id) ON DELETE RESTRICT,
    CONSTRAINT enrolments_filing_status_check
    CHECK (filing_status IN ('single', 'married', 'head_of_household'))
);
CREATE INDEX enrolments_employee_idx ON payroll.enrolments (tenant_id, business_id, employee_id);
CREATE INDEX enrolments_calendar_idx ON payroll.enrolments (tenant_id, business_id, calendar_id);
COMMENT ON TABLE payroll.enrolments IS
'Who is paid by which calendar. Its row is locked while the employee''s pay is sent to the books.';
COMMENT ON COLUMN payroll.enrolments.filing_status IS
'For rates that depend on it: single, married (filing jointly) or head_of_household, as on Form '
'W-4.';

INSERT INTO identity.permissions (code, module, description, must_be_named) VALUES
('payroll.prepare', 'payroll', 'Set payroll up, calculate runs and send them to the books.', false),
('payroll.approve', 'payroll', 'Approve runs that another user calculated.', false),
('payroll.pay', 'payroll', 'Record that a run was paid.', false),
('payroll.reverse', 'payroll', 'Reverse records that are in the books.', false);
