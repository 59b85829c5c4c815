-- Fiscal years and the periods in them, per business.
-- depends: 20261120_1000_ledger_chart

CREATE TYPE ledger.period_status AS ENUM ('open', 'soft_closed', 'closed');
COMMENT ON TYPE ledger.period_status IS
'open: entries may be posted; soft_closed and closed: none may, by any path.';

CREATE TABLE ledger.fiscal_years (
    tenant_id integer NOT NULL,
    business_id integer NOT NULL,
    id uuid NOT NULL DEFAULT core.uuid_v7(),
    code core.code NOT NULL,
    starts_on date NOT NULL,
    ends_on date NOT NULL,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    last_modified_at timestamptz NOT NULL,
    last_modified_by text NOT NULL,
    CONSTRAINT fiscal_years_pkey PRIMARY KEY (tenant_id, business_id, id),
    CONSTRAINT fiscal_years_code_key UNIQUE (tenant_id, business_id, code),
    CONSTRAINT fiscal_years_starts_on_key UNIQUE (tenant_id, business_id, starts_on),
    CONSTRAINT fiscal_years_dates_check CHECK (
        ends_on >= starts_on AND starts_on > '-infinity' AND ends_on < 'infinity'
    ),
    CONSTRAINT fiscal_years_business_fkey FOREIGN KEY (tenant_id, business_id)
    REFERENCES identity.businesses (tenant_id, id) ON DELETE RESTRICT
);
COMMENT ON TABLE ledger.fiscal_years IS
'The fiscal years of a business; two of one business never overlap (a trigger refuses it).';
COMMENT ON COLUMN ledger.fiscal_years.code IS 'Such as 2026, or 2026/27.';
COMMENT ON COLUMN ledger.fiscal_years.ends_on IS 'The last day, itself included.';

CREATE TABLE ledger.fiscal_periods (
    tenant_id integer NOT NULL,
    business_id integer NOT NULL,
    id uuid NOT NULL DEFAULT core.uuid_v7(),
    fiscal_year_id uuid NOT NULL,
    code core.code NOT NULL,
    starts_on date NOT NULL,
    ends_on date NOT NULL,
    status ledger.period_status NOT NULL DEFAULT 'open',
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    last_modified_at timestamptz NOT NULL,
    last_modified_by text NOT NULL,
    CONSTRAINT fiscal_periods_pkey PRIMARY KEY (tenant_id, business_id, id),
    CONSTRAINT fiscal_periods_code_key UNIQUE (tenant_id, business_id, code),
    CONSTRAINT fiscal_periods_starts_on_key UNIQUE (tenant_id, business_id, starts_on),
    CONSTRAINT fiscal_periods_dates_check CHECK (ends_on >= starts_on),
    CONSTRAINT fiscal_periods_fiscal_year_fkey
    FOREIGN KEY (tenant_id, business_id, fiscal_year_id)
    REFERENCES ledger.fiscal_years (tenant_id, business_id, id) ON DELETE RESTRICT
);
CREATE INDEX fiscal_periods_fiscal_year_idx
ON ledger.fiscal_periods (tenant_id, business_id, fiscal_year_id);
COMMENT ON TABLE ledger.fiscal_periods IS
'The periods of a fiscal year, usually months. Periods of one business never overlap and lie '
'within their year (a trigger refuses the rest).';
COMMENT ON COLUMN ledger.fiscal_periods.code IS 'Such as 2026-11.';
COMMENT ON COLUMN ledger.fiscal_periods.ends_on IS 'The last day, itself included.';
COMMENT ON COLUMN ledger.fiscal_periods.status IS
'Whether entries may be posted. Leaving open waits for the transactions that are posting into it.';
