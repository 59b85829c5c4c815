-- Users with roles, permissions and businesses, and what their tokens may.
-- depends: 20261127_0900_ledger_period_of_a_date
-- No release has these tables yet: nobody's rows are scanned, nobody calls what is dropped.
-- squawk-ignore-file adding-field-with-default, adding-required-field, ban-drop-function
-- squawk-ignore-file constraint-missing-not-valid

-- Its arguments change; the repeatables make it anew.
DROP FUNCTION IF EXISTS identity.enter_tenant(integer);

CREATE DOMAIN identity.email AS text
CONSTRAINT email_is_an_address_check
CHECK (length(VALUE) <= 254 AND VALUE ~ '^[^@[:space:][:cntrl:]]+@[^@[:space:][:cntrl:]]+$');
COMMENT ON DOMAIN identity.email IS 'An e-mail address: up to 254 characters, one @, no blanks.';

CREATE DOMAIN identity.password_hash AS text
CONSTRAINT password_hash_is_known_check CHECK (
    -- A trailing line end would otherwise pass the $ of a regular expression.
    VALUE !~ '[[:space:][:cntrl:]]' AND length(VALUE) <= 500 AND (
        -- argon2, the PHC string format.
        VALUE ~ '^[$]argon2(id|i|d)[$]v=19[$]m=[0-9]+,t=[0-9]+,p=[0-9]+([$][A-Za-z0-9+/]{11,}){2}$'
        -- bcrypt, from cost 10.
        OR VALUE ~ '^[$]2[aby][$](1[0-9]|2[0-9]|3[01])[$][./A-Za-z0-9]{53}$'
        -- scrypt as passlib writes it, and as Werkzeug does.
        OR VALUE ~ '^[$]scrypt[$]ln=[0-9]+,r=[0-9]+,p=[0-9]+([$][A-Za-z0-9+/]{11,}){2}$'
        OR VALUE ~ '^scrypt:[0-9]+:[0-9]+:[0-9]+[$][A-Za-z0-9]{8,}[$][0-9a-f]{128}$'
        -- PBKDF2 as passlib, Django and Werkzeug write it.
        OR VALUE ~ '^[$]pbkdf2-sha(256|512)[$][0-9]{4,}([$][A-Za-z0-9./]{11,}){2}$'
        OR VALUE ~ '^pbkdf2_sha(256|512)[$][0-9]{4,}[$][A-Za-z0-9]{8,}[$][A-Za-z0-9+/]{43,}={0,2}$'
        OR VALUE ~ '^pbkdf2:sha(256|512):[0-9]{4,}[$][A-Za-z0-9]{8,}[$]([0-9a-f]{64}){1,2}$'
    )
);
COMMENT ON DOMAIN identity.password_hash IS
'A password''s hash by argon2, bcrypt (cost 10 or more), scrypt or PBKDF2 (SHA-256 or SHA-512), in '
'the formats of PHC, passlib, Django and Werkzeug. Nothing else: no plain text, no fast hash.';

ALTER TABLE identity.users
ADD COLUMN email identity.email,
ADD COLUMN all_businesses boolean NOT NULL DEFAULT false,
ADD COLUMN last_login timestamptz;
COMMENT ON COLUMN identity.users.email IS 'Where the user is reached; not the subject.';
COMMENT ON COLUMN identity.users.is_active IS 'False: every token of the user is refused.';
COMMENT ON COLUMN identity.users.all_businesses IS
'True: every business of the tenant, those to come too; false: those in identity.user_businesses.';
COMMENT ON COLUMN identity.users.last_login IS
'When identity.record_login was last called for the user.';

CREATE TABLE identity.credentials (
    tenant_id integer NOT NULL,
    user_id uuid NOT NULL,
    password_hash identity.password_hash NOT NULL,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    last_modified_at timestamptz NOT NULL,
    last_modified_by text NOT NULL,
    CONSTRAINT credentials_pkey PRIMARY KEY (tenant_id, user_id),
    CONSTRAINT credentials_user_fkey FOREIGN KEY (tenant_id, user_id)
    REFERENCES identity.users (tenant_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE identity.credentials IS
'The password hashes of users: apart from identity.users, so that whoever reads users reads none. '
'No client has a privilege here; identity.password_hash_of hands one to a service that signs in.';
COMMENT ON COLUMN identity.credentials.password_hash IS 'See the domain.';

CREATE TABLE identity.permissions (
    code core.code NOT NULL,
    module core.code NOT NULL,
    description core.label NOT NULL,
    must_be_named boolean NOT NULL DEFAULT false,
    CONSTRAINT permissions_pkey PRIMARY KEY (code),
    CONSTRAINT permissions_code_check
    CHECK (code ~ '^[a-z_]+[.][a-z_.]+$' AND split_part(code, '.', 1) = module)
);
COMMENT ON TABLE identity.permissions IS 'What can be permitted, by module.';
COMMENT ON COLUMN identity.permissions.module IS 'The first part of the code.';
COMMENT ON COLUMN identity.permissions.must_be_named IS
'True: only a token that names it (or *), or a user whose role has it, may; false: also a service '
'whose token has no claim permissions, or names the module with <module>.*.';
INSERT INTO identity.permissions (code, module, description, must_be_named) VALUES
('finance.store_reports', 'finance', 'Keep dated copies of statements.', false),
('identity.manage_businesses', 'identity', 'Make businesses, their settings and tills.', false),
('identity.manage_users', 'identity', 'Make and end users, roles and access.', false),
('identity.sign_in', 'identity', 'Read password hashes and record logins.', true),
('ledger.close_periods', 'ledger', 'Close periods and fiscal years; number entries.', false),
('ledger.maintain', 'ledger', 'Fold balances and end holds that ran out.', false),
('ledger.manage_budgets', 'ledger', 'Make, revise, close and reopen budgets.', false),
('ledger.manage_chart', 'ledger', 'Make accounts and change what they are for.', false),
('ledger.match', 'ledger', 'Settle open items, undo it, write off rounding.', false),
('ledger.open_years', 'ledger', 'Make fiscal years.', false),
('ledger.post', 'ledger', 'Make drafts, entries and holds, and post them.', false),
('ledger.post_as.billing', 'ledger', 'Post to control accounts of billing.', true),
('ledger.post_as.hr', 'ledger', 'Post to control accounts of hr.', true),
('ledger.post_as.inventory', 'ledger', 'Post to control accounts of inventory.', true),
('ledger.post_as.laundry', 'ledger', 'Post to control accounts of laundry.', true),
('ledger.post_as.ledger', 'ledger', 'Post as the ledger itself.', true),
('ledger.post_as.lending', 'ledger', 'Post to control accounts of lending.', true),
('ledger.post_as.payroll', 'ledger', 'Post to control accounts of payroll.', true),
('ledger.post_as.procurement', 'ledger', 'Post to control accounts of procurement.', true),
('ledger.post_as.retail', 'ledger', 'Post to control accounts of retail.', true),
('ledger.post_as.sales', 'ledger', 'Post to control accounts of sales.', true),
('ledger.post_as.supply_chain', 'ledger', 'Post to control accounts of supply_chain.', true),
('ledger.post_as.water', 'ledger', 'Post to control accounts of water.', true),
('ledger.post_soft_closed', 'ledger', 'Post into soft-closed periods.', true),
('ledger.reopen_periods', 'ledger', 'Reopen periods and fiscal years.', false),
('ledger.revalue', 'ledger', 'Revalue balances in other currencies.', false),
('ledger.reverse', 'ledger', 'Reverse entries, void drafts.', false),
('ledger.seal', 'ledger', 'Seal the journal.', false),
('ledger.set_limits', 'ledger', 'Set minimum balances and credit limits.', false),
('ledger.set_rates', 'ledger', 'Put exchange rates on record.', false),
('payroll.read', 'payroll', 'Read payroll.', false);

CREATE TABLE identity.roles (
    tenant_id integer NOT NULL,
    id uuid NOT NULL DEFAULT core.uuid_v7(),
    code core.code NOT NULL,
    name core.label NOT NULL,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    last_modified_at timestamptz NOT NULL,
    last_modified_by text NOT NULL,
    CONSTRAINT roles_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT roles_code_key UNIQUE (tenant_id, code),
    CONSTRAINT roles_tenant_fkey FOREIGN KEY (tenant_id)
    REFERENCES identity.tenants (id) ON DELETE RESTRICT
);
COMMENT ON TABLE identity.roles IS
'Roles of a tenant''s users: owner, accountant and staff (identity.create_standard_roles), and any '
'that it makes. Not roles of the database.';

CREATE TABLE identity.role_permissions (
    tenant_id integer NOT NULL,
    role_id uuid NOT NULL,
    permission core.code NOT NULL,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    last_modified_at timestamptz NOT NULL,
    last_modified_by text NOT NULL,
    CONSTRAINT role_permissions_pkey PRIMARY KEY (tenant_id, role_id, permission),
    CONSTRAINT role_permissions_role_fkey FOREIGN KEY (tenant_id, role_id)
    REFERENCES identity.roles (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT role_permissions_permission_fkey FOREIGN KEY (permission)
    REFERENCES identity.permissions (code) ON DELETE RESTRICT
);
CREATE INDEX role_permissions_permission_idx ON identity.role_permissions (permission);
COMMENT ON TABLE identity.role_permissions IS 'Which role has which permission.';

CREATE TABLE identity.user_roles (
    tenant_id integer NOT NULL,
    user_id uuid NOT NULL,
    role_id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    last_modified_at timestamptz NOT NULL,
    last_modified_by text NOT NULL,
    CONSTRAINT user_roles_pkey PRIMARY KEY (tenant_id, user_id, role_id),
    CONSTRAINT user_roles_user_fkey FOREIGN KEY (tenant_id, user_id)
    REFERENCES identity.users (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT user_roles_role_fkey FOREIGN KEY (tenant_id, role_id)
    REFERENCES identity.roles (tenant_id, id) ON DELETE RESTRICT
);
CREATE INDEX user_roles_role_idx ON identity.user_roles (tenant_id, role_id);
COMMENT ON TABLE identity.user_roles IS 'Which user has which role.';

CREATE TABLE identity.user_businesses (
    tenant_id integer NOT NULL,
    user_id uuid NOT NULL,
    business_id integer NOT NULL,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    last_modified_at timestamptz NOT NULL,
    last_modified_by text NOT NULL,
    CONSTRAINT user_businesses_pkey PRIMARY KEY (tenant_id, user_id, business_id),
    CONSTRAINT user_businesses_user_fkey FOREIGN KEY (tenant_id, user_id)
    REFERENCES identity.users (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT user_businesses_business_fkey FOREIGN KEY (tenant_id, business_id)
    REFERENCES identity.businesses (tenant_id, id) ON DELETE RESTRICT
);
CREATE INDEX user_businesses_business_idx ON identity.user_businesses (tenant_id, business_id);
COMMENT ON TABLE identity.user_businesses IS
'Which user may work for which business; users.all_businesses stands for all.';

-- Read with every token, so it has no tenant_id: no tenant is entered yet.
CREATE TABLE identity.subject_rights (
    digest bytea NOT NULL,
    valid_from timestamptz NOT NULL,
    business jsonb NOT NULL,
    permissions jsonb NOT NULL,
    CONSTRAINT subject_rights_pkey PRIMARY KEY (digest),
    CONSTRAINT subject_rights_digest_check CHECK (length(digest) = 32),
    CONSTRAINT subject_rights_lists_check
    CHECK (jsonb_typeof(permissions) = 'array' AND (
        jsonb_typeof(business) = 'array' OR business = '"*"'
    ))
);
COMMENT ON TABLE identity.subject_rights IS
'What tokens of known users may, one row for each that is or was one: kept by triggers equal to '
'identity.users, user_roles, role_permissions and user_businesses, so that verifying a token reads '
'one row. A service, which is no user, has no row. No client has a privilege here.';
COMMENT ON COLUMN identity.subject_rights.digest IS
'identity.subject_digest: SHA-256 of tenant and subject. No name can be read from it.';
COMMENT ON COLUMN identity.subject_rights.valid_from IS
'Tokens that were issued (claim iat) before are refused; infinity: all, since the user is inactive '
'or no longer exists.';
COMMENT ON COLUMN identity.subject_rights.business IS
'List of the ids of the user''s businesses, or "*" for all, as in a token.';
COMMENT ON COLUMN identity.subject_rights.permissions IS
'List of the permissions of the user''s roles.';

-- Who is a user already keeps what the tokens said: the role owner, and all businesses.
DO $do$
DECLARE
    v_tenant integer;
    v_role uuid;
BEGIN
    FOR v_tenant IN SELECT t.id FROM identity.tenants AS t ORDER BY t.id LOOP
        PERFORM set_config('pgerp.tenant_id', v_tenant::text, true);
        CONTINUE WHEN NOT EXISTS (SELECT FROM identity.users AS u WHERE u.tenant_id = v_tenant);
        INSERT INTO identity.roles (
            tenant_id, code, name, created_at, created_by, last_modified_at, last_modified_by
        )
        VALUES (v_tenant, 'owner', 'Owner', now(), session_user, now(), session_user)
        RETURNING id INTO v_role;
        INSERT INTO identity.role_permissions (
            tenant_id, role_id, permission,
            created_at, created_by, last_modified_at, last_modified_by
        )
        SELECT v_tenant, v_role, p.code, now(), session_user, now(), session_user
        FROM identity.permissions AS p
        WHERE NOT p.must_be_named OR p.code = 'ledger.post_soft_closed';
        UPDATE identity.users AS u SET all_businesses = true WHERE u.tenant_id = v_tenant;
        INSERT INTO identity.user_roles (
            tenant_id, user_id, role_id, created_at, created_by, last_modified_at, last_modified_by
        )
        SELECT u.tenant_id, u.id, v_role, now(), session_user, now(), session_user
        FROM identity.users AS u
        WHERE u.tenant_id = v_tenant;
        INSERT INTO identity.subject_rights (digest, valid_from, business, permissions)
        SELECT
            sha256(convert_to(u.tenant_id || ' ' || u.subject, 'UTF8')),
            CASE WHEN u.is_active THEN '-infinity' ELSE 'infinity' END::timestamptz,
            '"*"',
            (
                SELECT jsonb_agg(p.permission ORDER BY p.permission COLLATE "C")
                FROM identity.role_permissions AS p
                WHERE p.tenant_id = u.tenant_id AND p.role_id = v_role
            )
        FROM identity.users AS u
        WHERE u.tenant_id = v_tenant;
    END LOOP;
END;
$do$;
