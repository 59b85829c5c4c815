-- The roles owner, accountant and staff.
CREATE OR REPLACE FUNCTION identity.create_standard_roles(p_tenant_id integer DEFAULT NULL)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'identity.manage_users');
    PERFORM identity.require_covering(
        (SELECT jsonb_agg(p.code) FROM identity.permissions AS p WHERE NOT p.must_be_named), '[]'
    );
    INSERT INTO identity.roles (tenant_id, code, name)
    VALUES
        (p_tenant_id, 'owner', 'Owner'),
        (p_tenant_id, 'accountant', 'Accountant'),
        (p_tenant_id, 'staff', 'Staff')
    ON CONFLICT (tenant_id, code) DO NOTHING;
    INSERT INTO identity.role_permissions (tenant_id, role_id, permission)
    SELECT
        r.tenant_id,
        r.id,
        p.code
    FROM identity.roles AS r
    INNER JOIN identity.permissions AS p ON CASE r.code
        WHEN 'owner' THEN NOT p.must_be_named OR p.code IN (
            'ledger.post_soft_closed', 'party.export_personal_data', 'party.anonymise'
        )
        WHEN 'accountant' THEN NOT p.must_be_named AND p.module <> 'identity'
            AND p.code <> 'ledger.reopen_periods'
        WHEN 'staff' THEN p.code IN (
            'ledger.post', 'ledger.match', 'messaging.send', 'party.manage_customers'
        )
    END
    WHERE r.tenant_id = p_tenant_id AND r.code IN ('owner', 'accountant', 'staff')
    ON CONFLICT (tenant_id, role_id, permission) DO NOTHING;
END;
$$;
COMMENT ON FUNCTION identity.create_standard_roles(integer) IS
'Makes the roles owner (all but posting as a module and signing in), accountant (the ledger, '
'finance, payroll, lending, customers and messages; no reopening, no users, no export or end of '
'a person''s data) and staff (drafts, entries, holds, settling, customers, sending messages) where '
'they are missing, and gives them what they lack of that: run it again after an upgrade. Needs '
'identity.manage_users. Raises ZI001 to ZI004, ZI009 to ZI011 (token, permission), ZI013 (more '
'than the caller''s own).';
