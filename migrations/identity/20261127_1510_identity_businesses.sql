-- Settings and payment tills of businesses.
-- depends: 20261127_1500_identity_users

CREATE TABLE identity.business_settings (
    tenant_id integer NOT NULL,
    business_id integer NOT NULL,
    legal_name core.label,
    tax_number core.code,
    country_code core.code,
    time_zone core.code NOT NULL DEFAULT 'UTC',
    locale core.code NOT NULL DEFAULT 'en',
    receipt_footer core.note,
    options jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    last_modified_at timestamptz NOT NULL,
    last_modified_by text NOT NULL,
    CONSTRAINT business_settings_pkey PRIMARY KEY (tenant_id, business_id),
    CONSTRAINT business_settings_country_code_check CHECK (country_code ~ '^[A-Z]{2}$'),
    CONSTRAINT business_settings_options_check CHECK (jsonb_typeof(options) = 'object'),
    CONSTRAINT business_settings_business_fkey FOREIGN KEY (tenant_id, business_id)
    REFERENCES identity.businesses (tenant_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE identity.business_settings IS
'The settings of each business, one row a business: a trigger makes it with the business.';
COMMENT ON COLUMN identity.business_settings.legal_name IS
'The name that it is registered by.';
COMMENT ON COLUMN identity.business_settings.tax_number IS
'Its number at the tax authority, such as the PIN of the KRA.';
COMMENT ON COLUMN identity.business_settings.country_code IS 'ISO 3166-1 alpha-2, such as KE.';
COMMENT ON COLUMN identity.business_settings.time_zone IS
'Name in pg_timezone_names, such as Africa/Nairobi.';
COMMENT ON COLUMN identity.business_settings.locale IS 'BCP 47, such as en-KE.';
COMMENT ON COLUMN identity.business_settings.receipt_footer IS 'What stands below each receipt.';
COMMENT ON COLUMN identity.business_settings.options IS
'JSON object of what an application keeps per business.';

CREATE TABLE identity.payment_tills (
    tenant_id integer NOT NULL,
    id uuid NOT NULL DEFAULT core.uuid_v7(),
    business_id integer NOT NULL,
    kind core.code NOT NULL,
    number core.code NOT NULL,
    name core.label NOT NULL,
    account_code core.code,
    is_active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    last_modified_at timestamptz NOT NULL,
    last_modified_by text NOT NULL,
    CONSTRAINT payment_tills_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT payment_tills_number_key UNIQUE (tenant_id, kind, number),
    CONSTRAINT payment_tills_kind_check
    CHECK (kind IN ('mpesa_till', 'mpesa_paybill', 'cash', 'card', 'bank')),
    CONSTRAINT payment_tills_business_fkey FOREIGN KEY (tenant_id, business_id)
    REFERENCES identity.businesses (tenant_id, id) ON DELETE RESTRICT
);
CREATE INDEX payment_tills_business_idx ON identity.payment_tills (tenant_id, business_id);
COMMENT ON TABLE identity.payment_tills IS 'Where a business takes money: M-Pesa tills and others.';
COMMENT ON COLUMN identity.payment_tills.kind IS 'mpesa_till, mpesa_paybill, cash, card or bank.';
COMMENT ON COLUMN identity.payment_tills.number IS 'What the customer types, such as 174379.';
COMMENT ON COLUMN identity.payment_tills.account_code IS
'Code of the account in ledger.accounts that the money goes to (a logical reference).';

-- Each business has its row; a trigger makes those to come.
DO $do$
DECLARE
    v_tenant integer;
BEGIN
    FOR v_tenant IN SELECT t.id FROM identity.tenants AS t ORDER BY t.id LOOP
        PERFORM set_config('pgerp.tenant_id', v_tenant::text, true);
        INSERT INTO identity.business_settings (
            tenant_id, business_id, created_at, created_by, last_modified_at, last_modified_by
        )
        SELECT b.tenant_id, b.id, now(), session_user, now(), session_user
        FROM identity.businesses AS b
        WHERE b.tenant_id = v_tenant;
    END LOOP;
END;
$do$;
