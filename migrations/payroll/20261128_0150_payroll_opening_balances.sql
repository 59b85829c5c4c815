-- What others paid in a year before payroll did, and what came before each item in its year.
-- depends: 20261127_2051_payroll_runs
-- No client may call what it drops:
-- squawk-ignore-file ban-drop-function

CREATE TABLE payroll.opening_balances (
    tenant_id integer NOT NULL,
    business_id integer NOT NULL,
    employee_id uuid NOT NULL,
    year integer NOT NULL,
    gross core.turnover NOT NULL,
    taxable core.turnover NOT NULL,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    last_modified_at timestamptz NOT NULL,
    last_modified_by text NOT NULL,
    CONSTRAINT opening_balances_pkey PRIMARY KEY (tenant_id, employee_id, year),
    CONSTRAINT opening_balances_business_key UNIQUE (tenant_id, business_id, employee_id, year),
    CONSTRAINT opening_balances_year_check CHECK (year BETWEEN 2000 AND 2999),
    CONSTRAINT opening_balances_taxable_check CHECK (taxable <= gross),
    CONSTRAINT opening_balances_employee_fkey FOREIGN KEY (tenant_id, business_id, employee_id)
    REFERENCES payroll.employee_cache (tenant_id, business_id, employee_id) ON DELETE RESTRICT
);
COMMENT ON TABLE payroll.opening_balances IS
'What an employee was paid in a calendar year before payroll paid: for a business that begins in '
'the middle of one. Counts as paid for what is due of the year; posts nothing.';
COMMENT ON COLUMN payroll.opening_balances.year IS 'The calendar year of the pay dates.';
COMMENT ON COLUMN payroll.opening_balances.gross IS 'What was earned.';
COMMENT ON COLUMN payroll.opening_balances.taxable IS
'What of it was taxable, less what was withheld before tax.';

CREATE TABLE payroll.opening_balance_items (
    tenant_id integer NOT NULL,
    business_id integer NOT NULL,
    employee_id uuid NOT NULL,
    year integer NOT NULL,
    component payroll.component NOT NULL,
    base core.turnover NOT NULL,
    amount core.turnover NOT NULL,
    employer_amount core.turnover NOT NULL,
    CONSTRAINT opening_balance_items_pkey PRIMARY KEY (tenant_id, employee_id, year, component),
    CONSTRAINT opening_balance_items_balance_fkey
    FOREIGN KEY (tenant_id, business_id, employee_id, year)
    REFERENCES payroll.opening_balances (tenant_id, business_id, employee_id, year)
    ON DELETE CASCADE
);
CREATE INDEX opening_balance_items_balance_idx
ON payroll.opening_balance_items (tenant_id, business_id, employee_id, year);
COMMENT ON TABLE payroll.opening_balance_items IS
'What was withheld of payroll.opening_balances, by component.';
COMMENT ON COLUMN payroll.opening_balance_items.year IS 'That of payroll.opening_balances.';
COMMENT ON COLUMN payroll.opening_balance_items.component IS 'What was withheld.';
COMMENT ON COLUMN payroll.opening_balance_items.base IS 'What the rates were put to.';
COMMENT ON COLUMN payroll.opening_balance_items.amount IS 'The employee''s.';
COMMENT ON COLUMN payroll.opening_balance_items.employer_amount IS
'What the employer owed besides.';

ALTER TABLE payroll.record_items
ADD COLUMN base_before core.turnover NOT NULL DEFAULT 0,
ADD COLUMN amount_before core.turnover NOT NULL DEFAULT 0,
ADD COLUMN employer_amount_before core.turnover NOT NULL DEFAULT 0;
COMMENT ON COLUMN payroll.record_items.base_before IS
'Of statutory items: what the rates were put to in the year before, when this was calculated.';
COMMENT ON COLUMN payroll.record_items.amount_before IS
'Of statutory items: what was withheld in the year before, when this was calculated.';
COMMENT ON COLUMN payroll.record_items.employer_amount_before IS
'Of statutory items: what the employer owed of the year before, when this was calculated.';

-- It asks about a run now, whose employees' filing statuses have to have rates.
DROP FUNCTION IF EXISTS payroll.require_rates(text, date);
