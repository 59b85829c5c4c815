-- Who may do what. Nothing is for PUBLIC; partitions are never granted (they would bypass the
-- policies of their parent); writing goes through the API.
-- reapply: migrations
DO $do$
DECLARE
    v_item record;
    v_schemas text[] := ARRAY(
        SELECT n.nspname::text
        FROM pg_namespace AS n
        WHERE n.nspowner = to_regrole('pgerp_owner')
            AND n.nspname NOT IN ('pgerp', 'public')
        ORDER BY 1
    );
    -- Roles of services that are gone included.
    v_services text := (
        SELECT string_agg(quote_ident(r.rolname), ', ' ORDER BY r.rolname)
        FROM pg_roles AS r
        WHERE r.rolname ~ '^pgerp_service(_|$)'
    );
BEGIN
    FOR v_item IN
        SELECT format(
            'REVOKE ALL ON %s %s FROM PUBLIC, pgerp_app, pgerp_readonly, pgerp_auditor, '
            'pgerp_monitor, pgerp_backup, %s',
            o.kind, o.name, v_services
        ) AS command
        FROM (
            SELECT
                'SCHEMA' AS kind,
                quote_ident(s.name) AS name
            FROM unnest(v_schemas) AS s (name)
            UNION ALL
            SELECT
                CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END,
                c.oid::regclass::text
            FROM pg_class AS c
            WHERE c.relnamespace::regnamespace::text = ANY (v_schemas)
                AND c.relkind IN ('r', 'p', 'v', 'm', 'S')
            UNION ALL
            SELECT
                'ROUTINE',
                p.oid::regprocedure::text
            FROM pg_proc AS p
            WHERE p.pronamespace::regnamespace::text = ANY (v_schemas)
            UNION ALL
            SELECT
                CASE t.typtype WHEN 'd' THEN 'DOMAIN' ELSE 'TYPE' END,
                t.oid::regtype::text
            FROM pg_type AS t
            LEFT JOIN pg_class AS r ON r.oid = t.typrelid
            WHERE t.typnamespace::regnamespace::text = ANY (v_schemas)
                AND (t.typtype IN ('d', 'e') OR (t.typtype = 'c' AND r.relkind = 'c'))
        ) AS o
    LOOP
        EXECUTE v_item.command;
    END LOOP;

    FOR v_item IN
        SELECT
            format(
                'GRANT USAGE ON SCHEMA %I '
                'TO pgerp_app, pgerp_readonly, pgerp_auditor, pgerp_backup',
                s.name
            ) AS command
        FROM unnest(v_schemas) AS s (name)
        UNION ALL
        SELECT format('GRANT SELECT ON ALL TABLES IN SCHEMA %I TO pgerp_backup', s.name)
        FROM unnest(v_schemas) AS s (name)
        UNION ALL
        SELECT format('GRANT SELECT ON ALL SEQUENCES IN SCHEMA %I TO pgerp_backup', s.name)
        FROM unnest(v_schemas) AS s (name)
        UNION ALL
        -- Tables and views, but neither partitions nor the keys and counters behind the API.
        SELECT format(
            'GRANT SELECT ON %s TO pgerp_app, pgerp_readonly, pgerp_auditor', c.oid::regclass
        )
        FROM pg_class AS c
        WHERE c.relnamespace::regnamespace::text = ANY (v_schemas)
            AND c.relkind IN ('r', 'p', 'v')
            AND NOT c.relispartition
            AND c.oid::regclass::text NOT IN (
                'identity.signing_keys', 'identity.credentials', 'identity.subject_rights',
                'core.document_counters', 'ledger.idempotency_keys'
            )
            -- What was in other tables is for auditors.
            AND c.relnamespace IS DISTINCT FROM to_regnamespace('audit')
        UNION ALL
        SELECT format(
            'GRANT USAGE ON %s %s TO pgerp_app, pgerp_readonly, pgerp_auditor',
            CASE t.typtype WHEN 'd' THEN 'DOMAIN' ELSE 'TYPE' END, t.oid::regtype
        )
        FROM pg_type AS t
        WHERE t.typnamespace::regnamespace::text = ANY (v_schemas)
            AND t.typtype IN ('d', 'e')
    LOOP
        EXECUTE v_item.command;
    END LOOP;
END;
$do$;

-- What the policies and read functions call, for everybody who reads.
GRANT EXECUTE ON FUNCTION
identity.token_claims(),
identity.current_tenant(),
identity.current_businesses(),
identity.has_permission(text),
identity.claims_permit(jsonb, text),
identity.permissions_of_user(text),
core.uuid_v7_floor(timestamptz),
core.is_code(text),
core.is_blank(text),
ledger.readable_business(text),
ledger.account_movements(integer, integer, date, date, uuid, boolean),
ledger.movements_of_days(integer, ledger.day_span[], uuid),
ledger.account_balance(text, text, date),
ledger.account_version(text, text),
ledger.trial_balance(text, date),
ledger.income_statement(text, date, date),
ledger.balance_sheet(text, date),
ledger.spread_amount(numeric, integer, integer),
ledger.accounts_below(integer, uuid[]),
ledger.budget_buckets(integer, integer, uuid, ledger.budget_interval),
ledger.budget_actuals(integer, ledger.budget_lines[], date),
ledger.budget_status(text, text, date),
finance.stored_reports(text, date, text),
ledger.journal_number(uuid)
TO pgerp_app, pgerp_readonly, pgerp_auditor;

-- The API that writes.
GRANT EXECUTE ON FUNCTION
core.uuid_v7(),
identity.create_business(text, text, text, integer),
ledger.create_account(text, text, text, text, text, boolean, text, integer),
ledger.create_fiscal_year(text, date, integer, text, integer),
ledger.create_budget(
    text, text, text, text, jsonb, text, text, text, text, text, integer
),
ledger.revise_budget(text, jsonb, text, integer),
ledger.set_budget_policy(text, text, integer),
ledger.close_budget(text, integer),
ledger.reopen_budget(text, integer),
finance.store_report(text, text, date, date, text, integer),
ledger.soft_close_period(text, text, integer),
ledger.close_period(text, text, integer),
ledger.reopen_period(text, text, text, text, integer),
ledger.close_fiscal_year(text, text, boolean, integer),
ledger.reopen_fiscal_year(text, text, text, text[], integer),
ledger.assign_journal_numbers(text, date, integer),
ledger.create_journal_entry(
    text, date, text, jsonb, text, text, text, text, text, text, jsonb, integer
),
ledger.create_journal_entries(jsonb, text, integer),
ledger.post_journal_entry(uuid, jsonb, integer),
ledger.void_journal_entry(uuid, text, integer),
ledger.reverse_journal_entry(uuid, text, date, integer),
ledger.change_draft(uuid, date, text, text, integer),
ledger.add_journal_line(uuid, jsonb, integer),
ledger.change_journal_line(uuid, integer, jsonb, integer),
ledger.remove_journal_line(uuid, integer, integer),
ledger.set_account_role(text, text, text, integer),
ledger.set_account_limits(text, numeric, numeric, boolean, integer),
ledger.hold_journal_entry(
    text, date, text, jsonb, timestamptz, text, text, text, text, integer
),
ledger.post_held_entry(uuid, jsonb, integer),
ledger.release_held_entry(uuid, text, integer),
ledger.expire_holds(integer),
ledger.fold_balances(integer, integer),
ledger.resulting_balances(uuid)
TO pgerp_app;

-- Sensitive values, with the caller's keys. What the functions rest on is the caller's to call too.
GRANT EXECUTE ON FUNCTION
core.encrypt_value(text, text, bytea),
core.decrypt_value(core.encrypted_value, bytea),
core.keyed_hash_of(text, text, text, bytea),
core.fernet_token(text, bytea, bytea, timestamptz),
core.aes_cbc(bytea, bytea, bytea, boolean),
core.hmac_sha256(bytea, bytea),
core.hmac_pad(bytea, integer),
core.require_key(bytea, text)
TO pgerp_app;

-- Users, roles, settings and tills.
GRANT EXECUTE ON FUNCTION
identity.create_user(text, text, text, boolean, integer),
identity.set_password_hash(text, text, integer),
identity.password_hash_of(text, integer),
identity.record_login(text, integer),
identity.deactivate_user(text, integer),
identity.reactivate_user(text, integer),
identity.create_standard_roles(integer),
identity.create_role(text, text, text[], integer),
identity.grant_permission(text, text, integer),
identity.revoke_permission(text, text, integer),
identity.grant_role(text, text, integer),
identity.revoke_role(text, text, integer),
identity.grant_business(text, text, integer),
identity.revoke_business(text, text, integer),
identity.set_business_settings(text, jsonb, integer),
identity.create_payment_till(text, text, text, text, text, integer),
identity.set_till_active(text, text, boolean, integer)
TO pgerp_app;

-- Currencies and open items.
GRANT EXECUTE ON FUNCTION
ledger.exchange_rate_leg(integer, text, text, date, text),
ledger.find_exchange_rate(integer, text, text, date, text),
ledger.exchange_rate(text, text, date, text),
ledger.readable_account(text),
ledger.account_items(integer, integer, uuid, date, text, boolean),
ledger.open_items(text, text, date, text),
ledger.aged_balances(text, text, date, integer[], boolean)
TO pgerp_app, pgerp_readonly, pgerp_auditor;
GRANT EXECUTE ON FUNCTION
ledger.set_exchange_rate(text, text, date, numeric, text, text, integer),
ledger.load_exchange_rates(jsonb, integer),
ledger.match_lines(uuid, integer, uuid, integer, numeric, date, integer),
ledger.match_oldest(text, text, text, text, date, integer),
ledger.unmatch(uuid, text, date, integer),
ledger.write_off_rounding(uuid, integer, numeric, date, integer),
ledger.revalue(text, date, text[], text, date, integer),
ledger.set_account_monetary(text, boolean, integer)
TO pgerp_app;

-- Seals.
GRANT EXECUTE ON FUNCTION
ledger.seal(integer, integer),
audit.seal(integer, integer)
TO pgerp_app;

-- Statements and the chart.
GRANT EXECUTE ON FUNCTION
ledger.account_tree(),
ledger.rolled_up_balances(text, date),
ledger.general_ledger(text, text, date, date, uuid, integer, integer),
ledger.account_statement(text, text, date, date, text),
ledger.trial_balance_movements(text, date, date),
ledger.income_statement_comparative(text, date, date, date, date),
ledger.income_statement_by_month(text, date, date),
ledger.balance_sheet_comparative(text, date, date),
ledger.indirect_cash_flows(integer, integer, date, date),
ledger.direct_cash_flows(integer, integer, date, date, uuid[]),
ledger.cash_flow_statement(text, date, date, text),
ledger.dashboard_monthly(text, date, date, integer),
ledger.dashboard_daily_cash(text, date, date, integer)
TO pgerp_app, pgerp_readonly, pgerp_auditor;

GRANT EXECUTE ON FUNCTION
ledger.activate_account(text, integer),
ledger.deactivate_account(text, integer),
ledger.set_cash_flow_activity(text, text, integer),
ledger.set_control_module(text, text, integer)
TO pgerp_app;

-- Customers.
GRANT EXECUTE ON FUNCTION
party.name_words(text),
party.find_customers(text, integer),
party.find_customers_by_phone(text[]),
party.find_customers_by_document(text[], text),
party.has_consent(uuid, text, boolean)
TO pgerp_app, pgerp_readonly, pgerp_auditor;
GRANT EXECUTE ON FUNCTION
party.create_customer(jsonb, boolean, integer),
party.update_customer(uuid, jsonb, integer, integer),
party.add_contact(uuid, jsonb, integer),
party.remove_contact(uuid, integer),
party.set_primary_contact(uuid, integer),
party.add_address(uuid, jsonb, integer),
party.remove_address(uuid, integer),
party.set_primary_address(uuid, integer),
party.add_identity_document(uuid, jsonb, integer),
party.remove_identity_document(uuid, integer),
party.set_primary_identity_document(uuid, integer),
party.record_consent(uuid, text, text, timestamptz, integer),
party.withdraw_consent(uuid, text, text, timestamptz, integer),
party.export_personal_data(uuid, integer),
party.anonymise(uuid, text, integer)
TO pgerp_app;

-- Legal holds on the audit log.
GRANT EXECUTE ON FUNCTION
audit.place_legal_hold(text, timestamptz, integer),
audit.lift_legal_hold(uuid, integer)
TO pgerp_app;
