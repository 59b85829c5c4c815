-- The slow path of posting: what concerns the watched accounts among those posted to.
CREATE OR REPLACE FUNCTION ledger.check_watched(
    p_tenant_id integer,
    p_entry_ids uuid[],
    p_line_no integer DEFAULT NULL
)
RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM ledger.apply_to_heads(p_tenant_id, p_entry_ids, p_line_no);
    PERFORM ledger.check_budgets(p_tenant_id, p_entry_ids, p_line_no);
END;
$$;
COMMENT ON FUNCTION ledger.check_watched(integer, uuid[], integer) IS
'Brings the heads of accounts up to date with the posted entries, or with the one line of the '
'given number, and checks limits and budgets. Internal: called once for each line, in the '
'transaction that posts it, when accounts.is_watched of any account, read after the lines were '
'written. Raises ZL030, ZL031 (limits), ZF001 (budget).';
