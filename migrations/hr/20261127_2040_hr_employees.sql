-- Departments, employees with their history, and salaries by the day from which they hold.
-- depends: 20261127_2000_events_store

CREATE SCHEMA hr;
COMMENT ON SCHEMA hr IS
'Who works here, in which department and for what: facts that others act upon by events.';

CREATE TYPE hr.employment_status AS ENUM ('active', 'on_leave', 'terminated');
COMMENT ON TYPE hr.employment_status IS
'active: works; on_leave: is employed and away; terminated: employed no more.';

CREATE TYPE hr.salary_unit AS ENUM ('month', 'year');
COMMENT ON TYPE hr.salary_unit IS 'What a salary is for: a month or a year.';

CREATE DOMAIN hr.salary_amount AS numeric(20, 4)
CONSTRAINT salary_amount_is_positive_check CHECK (VALUE > 0 AND VALUE <> 'NaN'::numeric);
COMMENT ON DOMAIN hr.salary_amount IS 'A salary: more than zero, in the currency of its row.';

CREATE TABLE hr.departments (
    tenant_id integer NOT NULL,
    id uuid NOT NULL DEFAULT core.uuid_v7(),
    business_id integer NOT NULL,
    code core.code NOT NULL,
    name core.label NOT NULL,
    manager_id uuid,
    budget_code core.code,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    last_modified_at timestamptz NOT NULL,
    last_modified_by text NOT NULL,
    CONSTRAINT departments_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT departments_business_key UNIQUE (tenant_id, business_id, id),
    CONSTRAINT departments_code_key UNIQUE (tenant_id, business_id, code),
    CONSTRAINT departments_business_fkey FOREIGN KEY (tenant_id, business_id)
    REFERENCES identity.businesses (tenant_id, id) ON DELETE RESTRICT
);
COMMENT ON TABLE hr.departments IS 'The departments of each business.';
COMMENT ON COLUMN hr.departments.code IS
'Also the department code of journal lines and budgets (ledger.journal_lines.department_code), a '
'logical reference.';
COMMENT ON COLUMN hr.departments.manager_id IS 'The employee who leads it; NULL: nobody.';
COMMENT ON COLUMN hr.departments.budget_code IS
'Code of its budget in ledger.budgets (finance.budgets), a logical reference; NULL: none.';

CREATE TABLE hr.employees (
    tenant_id integer NOT NULL,
    id uuid NOT NULL DEFAULT core.uuid_v7(),
    business_id integer NOT NULL,
    employee_no core.code NOT NULL,
    name core.label NOT NULL,
    title core.label,
    department_id uuid NOT NULL,
    manager_id uuid,
    status hr.employment_status NOT NULL DEFAULT 'active',
    hired_on core.finite_date NOT NULL,
    terminated_on core.finite_date,
    effective_on core.finite_date NOT NULL,
    change_reason core.note,
    social_security_encrypted core.encrypted_value,
    social_security_hash core.keyed_hash,
    national_id_encrypted core.encrypted_value,
    national_id_hash core.keyed_hash,
    bank_account_encrypted core.encrypted_value,
    bank_account_hash core.keyed_hash,
    version core.row_version NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    last_modified_at timestamptz NOT NULL,
    last_modified_by text NOT NULL,
    CONSTRAINT employees_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT employees_business_key UNIQUE (tenant_id, business_id, id),
    CONSTRAINT employees_employee_no_key UNIQUE (tenant_id, business_id, employee_no),
    CONSTRAINT employees_terminated_on_check
    CHECK ((terminated_on IS NOT NULL) = (status = 'terminated')),
    CONSTRAINT employees_terms_check CHECK (terminated_on >= hired_on),
    CONSTRAINT employees_effective_on_check CHECK (effective_on >= hired_on),
    CONSTRAINT employees_manager_check CHECK (manager_id <> id),
    CONSTRAINT employees_social_security_check
    CHECK ((social_security_encrypted IS NULL) = (social_security_hash IS NULL)),
    CONSTRAINT employees_national_id_check
    CHECK ((national_id_encrypted IS NULL) = (national_id_hash IS NULL)),
    CONSTRAINT employees_bank_account_check
    CHECK ((bank_account_encrypted IS NULL) = (bank_account_hash IS NULL)),
    CONSTRAINT employees_business_fkey FOREIGN KEY (tenant_id, business_id)
    REFERENCES identity.businesses (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT employees_department_fkey FOREIGN KEY (tenant_id, business_id, department_id)
    REFERENCES hr.departments (tenant_id, business_id, id) ON DELETE RESTRICT,
    CONSTRAINT employees_manager_fkey FOREIGN KEY (tenant_id, business_id, manager_id)
    REFERENCES hr.employees (tenant_id, business_id, id) ON DELETE RESTRICT
);
CREATE INDEX employees_department_idx ON hr.employees (tenant_id, business_id, department_id);
CREATE INDEX employees_manager_idx ON hr.employees (tenant_id, business_id, manager_id);
CREATE INDEX employees_status_idx ON hr.employees (tenant_id, business_id, status);
CREATE INDEX employees_national_id_idx ON hr.employees (tenant_id, national_id_hash)
WHERE national_id_hash IS NOT NULL;
COMMENT ON TABLE hr.employees IS
'Who is or was employed, as of now. Salaries are in hr.salaries, which fewer may read.';
COMMENT ON COLUMN hr.employees.bank_account_hash IS 'By what the account is found.';
COMMENT ON COLUMN hr.employees.national_id_hash IS 'By what the number is found.';
COMMENT ON COLUMN hr.employees.social_security_hash IS 'By what the number is found.';
COMMENT ON COLUMN hr.employees.version IS
'How often the row was written; who updates it gives the one it has read.';
COMMENT ON COLUMN hr.employees.hired_on IS 'The first day of employment.';
COMMENT ON COLUMN hr.employees.employee_no IS
'The number that people know; unique in its business.';
COMMENT ON COLUMN hr.employees.title IS 'What the person works as.';
COMMENT ON COLUMN hr.employees.manager_id IS 'The employee to report to; NULL: nobody.';
COMMENT ON COLUMN hr.employees.terminated_on IS 'The last day of employment.';
COMMENT ON COLUMN hr.employees.effective_on IS 'The day from which the present state holds.';
COMMENT ON COLUMN hr.employees.change_reason IS 'Why it was changed last.';
COMMENT ON COLUMN hr.employees.social_security_encrypted IS
'Social security number (US SSN, Kenya NSSF).';
COMMENT ON COLUMN hr.employees.national_id_encrypted IS 'Number of the national identity card.';
COMMENT ON COLUMN hr.employees.bank_account_encrypted IS 'Where the net pay goes.';

ALTER TABLE hr.departments
ADD CONSTRAINT departments_manager_fkey FOREIGN KEY (tenant_id, business_id, manager_id)
REFERENCES hr.employees (tenant_id, business_id, id) ON DELETE RESTRICT;
CREATE INDEX departments_manager_idx ON hr.departments (tenant_id, business_id, manager_id);

CREATE TABLE hr.salaries (
    tenant_id integer NOT NULL,
    business_id integer NOT NULL,
    employee_id uuid NOT NULL,
    effective_from core.finite_date NOT NULL,
    amount hr.salary_amount NOT NULL,
    unit hr.salary_unit NOT NULL,
    currency_code core.currency_code NOT NULL,
    reason core.note,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    last_modified_at timestamptz NOT NULL,
    last_modified_by text NOT NULL,
    CONSTRAINT salaries_pkey PRIMARY KEY (tenant_id, employee_id, effective_from),
    CONSTRAINT salaries_employee_fkey FOREIGN KEY (tenant_id, business_id, employee_id)
    REFERENCES hr.employees (tenant_id, business_id, id) ON DELETE RESTRICT
);
CREATE INDEX salaries_employee_idx ON hr.salaries (tenant_id, business_id, employee_id);
COMMENT ON TABLE hr.salaries IS
'What each employee earns from which day on; holds until the next. Read with the permission '
'payroll.read only.';
COMMENT ON COLUMN hr.salaries.reason IS 'Why it was set.';
COMMENT ON COLUMN hr.salaries.currency_code IS 'The currency of the business when it was set.';
COMMENT ON COLUMN hr.salaries.unit IS 'What the amount is for: a month or a year.';
COMMENT ON COLUMN hr.salaries.amount IS 'Per unit, before anything is withheld.';
COMMENT ON COLUMN hr.salaries.effective_from IS 'The first day on which it holds.';

CREATE TABLE hr.employee_history (
    tenant_id integer NOT NULL,
    id uuid NOT NULL DEFAULT core.uuid_v7(),
    business_id integer NOT NULL,
    employee_id uuid NOT NULL,
    version integer NOT NULL,
    effective_on core.finite_date NOT NULL,
    old_status hr.employment_status,
    new_status hr.employment_status NOT NULL,
    old_department_id uuid,
    new_department_id uuid NOT NULL,
    old_title core.label,
    new_title core.label,
    old_manager_id uuid,
    new_manager_id uuid,
    reason core.note,
    changed_at timestamptz NOT NULL,
    changed_by text NOT NULL,
    CONSTRAINT employee_history_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT employee_history_version_key UNIQUE (tenant_id, employee_id, version),
    CONSTRAINT employee_history_version_check CHECK (version > 0),
    CONSTRAINT employee_history_employee_fkey FOREIGN KEY (tenant_id, business_id, employee_id)
    REFERENCES hr.employees (tenant_id, business_id, id) ON DELETE RESTRICT
);
CREATE INDEX employee_history_employee_idx
ON hr.employee_history (tenant_id, business_id, employee_id);
COMMENT ON TABLE hr.employee_history IS
'Each change of status, department, title or manager of an employee, written by a trigger; '
'append-only. The first row, old values NULL, is the hiring.';
COMMENT ON COLUMN hr.employee_history.changed_by IS 'By whom: the subject of the token.';
COMMENT ON COLUMN hr.employee_history.changed_at IS 'When it was written down.';
COMMENT ON COLUMN hr.employee_history.reason IS 'Why, as who changed it said.';
COMMENT ON COLUMN hr.employee_history.new_manager_id IS 'The manager since (hr.employees).';
COMMENT ON COLUMN hr.employee_history.old_manager_id IS 'The manager before (hr.employees).';
COMMENT ON COLUMN hr.employee_history.new_title IS 'The title since.';
COMMENT ON COLUMN hr.employee_history.old_title IS 'The title before.';
COMMENT ON COLUMN hr.employee_history.new_department_id IS
'The department since (hr.departments).';
COMMENT ON COLUMN hr.employee_history.old_department_id IS
'The department before (hr.departments).';
COMMENT ON COLUMN hr.employee_history.new_status IS 'The status since.';
COMMENT ON COLUMN hr.employee_history.old_status IS 'The status before.';
COMMENT ON COLUMN hr.employee_history.effective_on IS 'The day from which the new state holds.';
COMMENT ON COLUMN hr.employee_history.version IS 'The version of the employee after the change.';

INSERT INTO identity.permissions (code, module, description, must_be_named) VALUES
('hr.manage_employees', 'hr', 'Make departments; hire, move, pay and end employees.', false);
