-- What concerns accounts from outside their row has changed: let them say anew whether they are
-- watched.
CREATE OR REPLACE FUNCTION ledger.refresh_watched(p_tenant_id integer, p_account_ids uuid[])
RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- Whoever posts holds a key share lock on the account: this waits for them, they for this.
    PERFORM FROM ledger.accounts AS a
    WHERE a.tenant_id = p_tenant_id AND a.id = ANY (p_account_ids)
    ORDER BY a.id
    FOR UPDATE;
    UPDATE ledger.accounts AS a
    SET is_watched = NOT a.is_watched
    WHERE a.tenant_id = p_tenant_id
        AND a.id = ANY (p_account_ids)
        AND a.is_watched <> ledger.needs_watching(a);
END;
$$;
COMMENT ON FUNCTION ledger.refresh_watched(integer, uuid[]) IS
'Sets is_watched of the given accounts by ledger.needs_watching, after the transactions that are '
'posting to them have ended. Internal.';
