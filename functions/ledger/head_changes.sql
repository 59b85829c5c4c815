-- What posted lines add to the heads of their accounts.
CREATE OR REPLACE FUNCTION ledger.head_changes(
    p_tenant_id integer,
    p_entry_ids uuid[],
    p_line_no integer DEFAULT NULL
)
RETURNS ledger.head_change[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN ARRAY(
        SELECT ROW(l.account_id, l.business_id, sum(l.amount), 0, 0, count(*))::ledger.head_change
        FROM ledger.journal_lines AS l
        INNER JOIN ledger.journal_entries AS e ON e.tenant_id = l.tenant_id AND e.id = l.entry_id
        INNER JOIN ledger.accounts AS a ON a.tenant_id = l.tenant_id AND a.id = l.account_id
        WHERE l.tenant_id = p_tenant_id
            AND l.entry_id = ANY (p_entry_ids)
            AND (p_line_no IS NULL OR l.line_no = p_line_no)
            AND e.posted_at IS NOT NULL
            AND (num_nonnulls(a.minimum_balance, a.credit_limit) > 0 OR a.keeps_version)
        GROUP BY l.account_id, l.business_id
    );
END;
$$;
COMMENT ON FUNCTION ledger.head_changes(integer, uuid[], integer) IS
'What the lines of the given entries, or the one with the given number, add to '
'ledger.account_heads, as far as the entries are posted and the accounts have a limit or a '
'version. Internal.';
