-- Currencies, account types and the chart of accounts.
-- depends: 20261120_0910_identity_tenants

CREATE SCHEMA ledger;
COMMENT ON SCHEMA ledger IS
'The books: chart of accounts, fiscal periods, journal entries, balances, statements.';

CREATE TABLE ledger.currencies (
    code core.currency_code NOT NULL,
    numeric_code text NOT NULL,
    name core.label NOT NULL,
    minor_unit smallint,
    is_active boolean NOT NULL DEFAULT true,
    CONSTRAINT currencies_pkey PRIMARY KEY (code),
    CONSTRAINT currencies_numeric_code_key UNIQUE (numeric_code),
    CONSTRAINT currencies_numeric_code_check CHECK (numeric_code ~ '^[0-9]{3}$'),
    CONSTRAINT currencies_minor_unit_check CHECK (minor_unit BETWEEN 0 AND 4)
);
COMMENT ON TABLE ledger.currencies IS 'Currencies of ISO 4217, seeded as reference data.';
COMMENT ON COLUMN ledger.currencies.minor_unit IS
'Decimals of the smallest unit by ISO 4217: 2 for USD, 0 for JPY; NULL where the standard says '
'N.A. (such as XAU).';
COMMENT ON COLUMN ledger.currencies.is_active IS
'False: withdrawn; kept for history, refused in new entries.';

CREATE TABLE ledger.account_types (
    code text NOT NULL,
    name core.label NOT NULL,
    normal_side smallint NOT NULL,
    statement text NOT NULL,
    sort_order smallint NOT NULL,
    CONSTRAINT account_types_pkey PRIMARY KEY (code),
    CONSTRAINT account_types_sort_order_key UNIQUE (sort_order),
    CONSTRAINT account_types_code_check
    CHECK (code IN ('ASSET', 'LIABILITY', 'EQUITY', 'REVENUE', 'EXPENSE')),
    CONSTRAINT account_types_normal_side_check CHECK (normal_side IN (-1, 1)),
    CONSTRAINT account_types_statement_check
    CHECK (statement IN ('balance_sheet', 'income_statement'))
);
COMMENT ON TABLE ledger.account_types IS 'The five types of accounts and how statements show them.';
COMMENT ON COLUMN ledger.account_types.normal_side IS
'1: a debit increases it (asset, expense); -1: a credit does. Balance times this is the amount a '
'statement shows.';
COMMENT ON COLUMN ledger.account_types.statement IS
'Which statement lists it: balance_sheet or income_statement.';
COMMENT ON COLUMN ledger.account_types.sort_order IS 'Order of the types in statements.';

INSERT INTO ledger.account_types (code, name, normal_side, statement, sort_order) VALUES
('ASSET', 'Assets', 1, 'balance_sheet', 1),
('LIABILITY', 'Liabilities', -1, 'balance_sheet', 2),
('EQUITY', 'Equity', -1, 'balance_sheet', 3),
('REVENUE', 'Revenue', -1, 'income_statement', 4),
('EXPENSE', 'Expenses', 1, 'income_statement', 5);

CREATE TABLE ledger.accounts (
    tenant_id integer NOT NULL,
    id uuid NOT NULL DEFAULT core.uuid_v7(),
    business_id integer,
    parent_id uuid,
    type_code text NOT NULL,
    code core.code NOT NULL,
    name core.label NOT NULL,
    currency_code core.currency_code,
    is_postable boolean NOT NULL DEFAULT true,
    is_active boolean NOT NULL DEFAULT true,
    balance_stripes smallint NOT NULL DEFAULT 8,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    last_modified_at timestamptz NOT NULL,
    last_modified_by text NOT NULL,
    CONSTRAINT accounts_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT accounts_code_key UNIQUE (tenant_id, code),
    CONSTRAINT accounts_type_key UNIQUE (tenant_id, id, type_code),
    CONSTRAINT accounts_parent_check CHECK (parent_id <> id),
    CONSTRAINT accounts_balance_stripes_check CHECK (balance_stripes BETWEEN 1 AND 64),
    CONSTRAINT accounts_business_fkey FOREIGN KEY (tenant_id, business_id)
    REFERENCES identity.businesses (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT accounts_tenant_fkey FOREIGN KEY (tenant_id)
    REFERENCES identity.tenants (id) ON DELETE RESTRICT,
    CONSTRAINT accounts_type_fkey FOREIGN KEY (type_code)
    REFERENCES ledger.account_types (code) ON DELETE RESTRICT,
    CONSTRAINT accounts_parent_fkey FOREIGN KEY (tenant_id, parent_id, type_code)
    REFERENCES ledger.accounts (tenant_id, id, type_code) ON DELETE RESTRICT,
    CONSTRAINT accounts_currency_fkey FOREIGN KEY (currency_code)
    REFERENCES ledger.currencies (code) ON DELETE RESTRICT
);
CREATE INDEX accounts_business_idx ON ledger.accounts (tenant_id, business_id);
CREATE INDEX accounts_parent_idx ON ledger.accounts (tenant_id, parent_id, type_code);
CREATE INDEX accounts_type_idx ON ledger.accounts (type_code);
CREATE INDEX accounts_currency_idx ON ledger.accounts (currency_code)
WHERE currency_code IS NOT NULL;
COMMENT ON TABLE ledger.accounts IS
'The chart of accounts of a tenant, a tree. An account without business is shared by all '
'businesses of the tenant.';
COMMENT ON COLUMN ledger.accounts.business_id IS
'The one business that may post to it; NULL: every business of the tenant, each with a balance '
'of its own.';
COMMENT ON COLUMN ledger.accounts.parent_id IS
'The account it is summed under; always of the same type.';
COMMENT ON COLUMN ledger.accounts.code IS 'Unique within the tenant, such as 1110.';
COMMENT ON COLUMN ledger.accounts.currency_code IS
'The only transaction currency it takes (a bank account in USD); NULL: any.';
COMMENT ON COLUMN ledger.accounts.is_postable IS
'False: a header account, it only sums those below it.';
COMMENT ON COLUMN ledger.accounts.is_active IS
'False: nothing new is posted to it; its history stays.';
COMMENT ON COLUMN ledger.accounts.balance_stripes IS
'Over how many rows each of its balances is spread, so that concurrent postings need not wait '
'for each other; 1: one row.';
