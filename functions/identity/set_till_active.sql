-- Close a till, or open it again.
CREATE OR REPLACE FUNCTION identity.set_till_active(
    p_kind text,
    p_number text,
    p_is_active boolean,
    p_tenant_id integer DEFAULT NULL
)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_count bigint;
    v_allowed text;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'identity.manage_businesses');
    v_allowed := current_setting('pgerp.business_ids', true);
    UPDATE identity.payment_tills AS t
    SET is_active = p_is_active
    WHERE t.tenant_id = p_tenant_id AND t.kind = p_kind AND t.number = p_number
        AND (v_allowed = '*' OR v_allowed::jsonb @> to_jsonb(t.business_id));
    GET DIAGNOSTICS v_count = ROW_COUNT;
    IF v_count = 0 THEN
        RAISE EXCEPTION 'no such till: % %', coalesce(p_kind, 'NULL'), coalesce(p_number, 'NULL')
        USING ERRCODE = 'ZI015',
            HINT = 'See identity.payment_tills.';
    END IF;
END;
$$;
COMMENT ON FUNCTION identity.set_till_active(text, text, boolean, integer) IS
'Marks a till as active or not; its history stays. Needs identity.manage_businesses. Raises '
'ZI001 to ZI004, ZI009 to ZI011 (token, permission), ZI015 (no such till of a business of the '
'token), 23502 (NULL).';
