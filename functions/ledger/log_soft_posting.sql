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
BEGIN
    RAISE EXCEPTION 'the fiscal period is soft-closed'
    USING ERRCODE = 'ZL002',
        DETAIL = format(
            'Tenant %s, business %s, period %s, entry %s.',
            p_tenant_id, p_business_id, p_period_id, p_entry_id
        ),
        HINT = 'Date the entry in an open period.';
END;
$$;
COMMENT ON FUNCTION ledger.log_soft_posting(integer, integer, uuid, uuid) IS
'Refuses postings into a soft-closed period. Internal. Raises ZL002.';
