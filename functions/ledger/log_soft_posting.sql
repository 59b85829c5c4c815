-- Who posts into a soft-closed period must be allowed to, and is on record.
CREATE OR REPLACE FUNCTION ledger.log_soft_posting(
    p_tenant_id integer,
    p_business_id integer,
    p_period_id uuid,
    p_entry_id uuid
)
RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_claims jsonb := identity.token_claims();
BEGIN
    IF identity.has_permission('ledger.post_soft_closed') IS NOT true
        OR (v_claims ->> 'tenant')::integer <> p_tenant_id
        OR NOT (
            v_claims -> 'business' = '"*"' OR v_claims -> 'business' @> to_jsonb(p_business_id)
        )
    THEN
        RAISE EXCEPTION 'the fiscal period is soft-closed'
        USING ERRCODE = 'ZL002',
            DETAIL = format(
                'Tenant %s, business %s, period %s, entry %s.',
                p_tenant_id, p_business_id, p_period_id, p_entry_id
            ),
            HINT = 'Date the entry in an open period, or use a token with the permission '
                'ledger.post_soft_closed.';
    END IF;
    INSERT INTO ledger.period_events (
        tenant_id, business_id, period_id, action, old_status, new_status, entry_id
    )
    VALUES (
        p_tenant_id, p_business_id, p_period_id, 'posted', 'soft_closed', 'soft_closed', p_entry_id
    );
END;
$$;
COMMENT ON FUNCTION ledger.log_soft_posting(integer, integer, uuid, uuid) IS
'Records in ledger.period_events that an entry is posted into a soft-closed period, which the '
'check at commit asks for. Internal. Raises ZI002, ZI003 (token), ZL002 (the token does not cover '
'the business, or lacks the permission ledger.post_soft_closed; or there is none).';
