-- The gap-free number of an entry.
CREATE OR REPLACE FUNCTION ledger.journal_number(p_entry_id uuid)
RETURNS bigint
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN (
        SELECT n.journal_number
        FROM ledger.journal_numbers AS n
        WHERE n.tenant_id = identity.current_tenant() AND n.entry_id = p_entry_id
    );
END;
$$;
COMMENT ON FUNCTION ledger.journal_number(uuid) IS
'The number of an entry within its business and fiscal year; NULL while it has none, or where the '
'token does not cover it. Raises ZI002, ZI003 (token).';
