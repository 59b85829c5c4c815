-- Posted lines enter the heads of their accounts.
CREATE OR REPLACE FUNCTION ledger.apply_to_heads(
    p_tenant_id integer,
    p_entry_ids uuid[],
    p_line_no integer DEFAULT NULL
)
RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM ledger.change_heads(
        p_tenant_id,
        ledger.head_changes(p_tenant_id, p_entry_ids, p_line_no),
        (
            SELECT coalesce(bool_and(e.period_kind = 'closing'), false)
            FROM ledger.journal_entries AS e
            WHERE e.tenant_id = p_tenant_id AND e.id = ANY (p_entry_ids)
        )
    );
END;
$$;
COMMENT ON FUNCTION ledger.apply_to_heads(integer, uuid[], integer) IS
'Adds the lines of the given entries, or the one with the given number, to '
'ledger.account_heads, as far as the entries are posted and the accounts have a limit or a '
'version; all of them together must keep to the limits, but for what closes or reopens a year. '
'Internal: called once for each line, in the transaction that posts it. Raises ZL030, ZL031 '
'(limits).';
