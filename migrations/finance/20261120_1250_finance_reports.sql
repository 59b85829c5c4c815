-- The schema of the finance service, and the dated copies of statements that it keeps.
-- depends: 20261120_1240_ledger_budgets

CREATE SCHEMA finance;
COMMENT ON SCHEMA finance IS
'Budgets and reports under the names that users of the finance service know: views over the '
'ledger, and dated copies of statements.';

CREATE TABLE finance.financial_reports (
    tenant_id integer NOT NULL,
    id uuid NOT NULL DEFAULT core.uuid_v7(),
    business_id integer NOT NULL,
    kind text NOT NULL,
    period_from date,
    period_to date,
    content jsonb NOT NULL,
    content_sha256 bytea NOT NULL,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    last_modified_at timestamptz NOT NULL,
    last_modified_by text NOT NULL,
    CONSTRAINT financial_reports_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT financial_reports_business_id_check CHECK (business_id >= 0),
    CONSTRAINT financial_reports_kind_check CHECK (kind IN (
        'trial_balance', 'income_statement', 'balance_sheet', 'cash_flow', 'budget_status'
    )),
    CONSTRAINT financial_reports_dates_check CHECK (period_to >= period_from),
    CONSTRAINT financial_reports_content_sha256_check CHECK (length(content_sha256) = 32),
    CONSTRAINT financial_reports_tenant_fkey FOREIGN KEY (tenant_id)
    REFERENCES identity.tenants (id) ON DELETE RESTRICT
);
CREATE INDEX financial_reports_kind_idx
ON finance.financial_reports (tenant_id, kind, period_to, business_id);
COMMENT ON TABLE finance.financial_reports IS
'Dated copies of statements, as they were when they were stored; who and when are created_by and '
'created_at. Never changes.';
COMMENT ON COLUMN finance.financial_reports.business_id IS
'The business in identity.businesses (a logical reference: finance may be a database of its own); '
'0: consolidated, for tokens that cover every business.';
COMMENT ON COLUMN finance.financial_reports.kind IS
'trial_balance, income_statement, balance_sheet, cash_flow or budget_status.';
COMMENT ON COLUMN finance.financial_reports.period_from IS
'First day it reports on; NULL where the statement has none, or no bound.';
COMMENT ON COLUMN finance.financial_reports.period_to IS
'Last day it reports on, the day it is as of; NULL: everything posted until it was stored.';
COMMENT ON COLUMN finance.financial_reports.content IS
'{"kind", "business" (null: consolidated), "from", "to", "rows": [an object a row, with the '
'columns of the statement''s function]}.';
COMMENT ON COLUMN finance.financial_reports.content_sha256 IS
'SHA-256 of content as canonical jsonb text in UTF-8; set by a trigger.';
