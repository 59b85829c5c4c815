-- What finance knows of the books where they are in another database: events of the ledger say it.
-- depends: 20261128_0120_events_of_ledger
-- without: ledger

CREATE TABLE finance.cached_accounts (
    tenant_id integer NOT NULL,
    account_id uuid NOT NULL,
    business_id integer,
    code core.code NOT NULL,
    name core.label NOT NULL,
    type_code text NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT cached_accounts_pkey PRIMARY KEY (tenant_id, account_id),
    CONSTRAINT cached_accounts_type_code_check
    CHECK (type_code IN ('ASSET', 'LIABILITY', 'EQUITY', 'REVENUE', 'EXPENSE')),
    CONSTRAINT cached_accounts_version_check CHECK (version > 0)
);
COMMENT ON TABLE finance.cached_accounts IS
'Accounts as the ledger said last.';
COMMENT ON COLUMN finance.cached_accounts.business_id IS
'The business that it is of; NULL: all share it.';
COMMENT ON COLUMN finance.cached_accounts.account_id IS
'ledger.accounts.id, a logical reference.';
COMMENT ON COLUMN finance.cached_accounts.type_code IS
'ASSET, LIABILITY, EQUITY, REVENUE or EXPENSE.';
COMMENT ON COLUMN finance.cached_accounts.version IS
'The version of the event that the row is of; an older one that comes later is left out.';

CREATE INDEX cached_accounts_business_idx
ON finance.cached_accounts (tenant_id, business_id);

CREATE TABLE finance.cached_periods (
    tenant_id integer NOT NULL,
    business_id integer NOT NULL,
    period_id uuid NOT NULL,
    code core.code NOT NULL,
    kind text NOT NULL,
    starts_on core.finite_date NOT NULL,
    ends_on core.finite_date NOT NULL,
    CONSTRAINT cached_periods_pkey PRIMARY KEY (tenant_id, business_id, period_id),
    CONSTRAINT cached_periods_kind_check CHECK (kind IN ('regular', 'adjusting', 'closing')),
    CONSTRAINT cached_periods_dates_check CHECK (ends_on >= starts_on)
);
COMMENT ON TABLE finance.cached_periods IS
'Fiscal periods in which something was posted, as the entries'' events say.';
COMMENT ON COLUMN finance.cached_periods.period_id IS
'ledger.fiscal_periods.id, a logical reference.';
COMMENT ON COLUMN finance.cached_periods.kind IS 'regular, adjusting or closing.';
COMMENT ON COLUMN finance.cached_periods.starts_on IS 'The first day.';
COMMENT ON COLUMN finance.cached_periods.ends_on IS 'The last day, itself included.';

CREATE TABLE finance.cached_movements (
    tenant_id integer NOT NULL,
    business_id integer NOT NULL,
    period_id uuid NOT NULL,
    account_id uuid NOT NULL,
    debit core.turnover NOT NULL,
    credit core.turnover NOT NULL,
    CONSTRAINT cached_movements_pkey
    PRIMARY KEY (tenant_id, business_id, period_id, account_id),
    CONSTRAINT cached_movements_period_fkey FOREIGN KEY (tenant_id, business_id, period_id)
    REFERENCES finance.cached_periods (tenant_id, business_id, period_id) ON DELETE RESTRICT
) WITH (fillfactor = 70);
COMMENT ON TABLE finance.cached_movements IS
'What entries posted to each account per business and fiscal period, summed: each event of an '
'entry adds once (events.processed_events), in any order.';
COMMENT ON COLUMN finance.cached_movements.account_id IS
'finance.cached_accounts; no foreign key, since the account''s event may come later.';
COMMENT ON COLUMN finance.cached_movements.debit IS 'In the functional currency.';
COMMENT ON COLUMN finance.cached_movements.credit IS 'In the functional currency.';
