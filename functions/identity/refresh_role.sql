-- Bring what the tokens of a role's users may up to date.
CREATE OR REPLACE FUNCTION identity.refresh_role(p_tenant_id integer, p_role_id uuid)
RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_user_id uuid;
BEGIN
    -- Waits for those who are giving the role to users, which holds it by a foreign key; who comes
    -- later waits for us and sees what we wrote.
    PERFORM
    FROM identity.roles AS r
    WHERE r.tenant_id = p_tenant_id AND r.id = p_role_id
    FOR UPDATE;
    FOR v_user_id IN
        SELECT u.user_id
        FROM identity.user_roles AS u
        WHERE u.tenant_id = p_tenant_id AND u.role_id = p_role_id
        ORDER BY u.user_id
    LOOP
        PERFORM identity.refresh_rights(p_tenant_id, v_user_id);
    END LOOP;
END;
$$;
COMMENT ON FUNCTION identity.refresh_role(integer, uuid) IS
'identity.refresh_rights for every user of a role, in id order. Internal: called by triggers that '
'have entered the tenant.';
