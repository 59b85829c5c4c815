-- Nothing is taken out of the log that a court may ask for.
CREATE OR REPLACE FUNCTION audit.require_no_hold(p_tenant_id integer)
RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_reason text;
BEGIN
    -- A hold that is being placed is waited for, and none is placed until this has committed.
    LOCK TABLE audit.legal_holds IN SHARE MODE;
    SELECT h.reason INTO v_reason
    FROM audit.legal_holds AS h
    WHERE h.tenant_id = p_tenant_id
        AND h.valid_from <= now()
        AND (h.valid_until IS NULL OR h.valid_until > now())
    ORDER BY h.id
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'a legal hold keeps the audit log as it is'
        USING ERRCODE = 'ZA008',
            DETAIL = format('In force: %s.', v_reason),
            HINT = 'Wait until the hold is over, or lift it with audit.lift_legal_hold.';
    END IF;
END;
$$;
COMMENT ON FUNCTION audit.require_no_hold(integer) IS
'Raises ZA008 while a legal hold of the tenant is in force; none is placed before the transaction '
'ends. Internal.';
