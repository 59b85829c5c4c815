-- A draft becomes held: its amounts count against limits from now on.
CREATE OR REPLACE FUNCTION ledger.hold_entry(
    p_tenant_id integer,
    p_business_id integer,
    p_entry_id uuid,
    p_expires_at timestamptz
)
RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    INSERT INTO ledger.holds (tenant_id, entry_id, business_id, expires_at)
    VALUES (p_tenant_id, p_entry_id, p_business_id, p_expires_at);
    INSERT INTO ledger.held_amounts (
        tenant_id, account_id, business_id, entry_id, amount, expires_at
    )
    SELECT
        l.tenant_id,
        l.account_id,
        l.business_id,
        l.entry_id,
        sum(l.amount),
        p_expires_at
    FROM ledger.journal_lines AS l
    WHERE l.tenant_id = p_tenant_id AND l.entry_id = p_entry_id
    GROUP BY l.tenant_id, l.account_id, l.business_id, l.entry_id
    HAVING sum(l.amount) <> 0
    ORDER BY l.account_id;
    PERFORM ledger.change_heads(
        p_tenant_id, ledger.held_changes(p_tenant_id, ARRAY[p_entry_id], 1)
    );
END;
$$;
COMMENT ON FUNCTION ledger.hold_entry(integer, integer, uuid, timestamptz) IS
'Makes a draft held, in the transaction that made it, until the given instant. Internal: for '
'functions that have entered the tenant. Raises ZL030, ZL031 (limits).';
