-- What holds add to the heads of their accounts, or take from them.
CREATE OR REPLACE FUNCTION ledger.held_changes(
    p_tenant_id integer,
    p_entry_ids uuid[],
    p_sign integer
)
RETURNS ledger.head_change[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN ARRAY(
        SELECT ROW(
            m.account_id,
            m.business_id,
            0,
            p_sign * sum(greatest(m.amount, 0)),
            p_sign * sum(greatest(-m.amount, 0)),
            0
        )::ledger.head_change
        FROM ledger.held_amounts AS m
        INNER JOIN ledger.accounts AS a ON a.tenant_id = m.tenant_id AND a.id = m.account_id
        WHERE m.tenant_id = p_tenant_id
            AND m.entry_id = ANY (p_entry_ids)
            AND (num_nonnulls(a.minimum_balance, a.credit_limit) > 0 OR a.keeps_version)
        GROUP BY m.account_id, m.business_id
    );
END;
$$;
COMMENT ON FUNCTION ledger.held_changes(integer, uuid[], integer) IS
'What the amounts that the given entries hold add to ledger.account_heads (p_sign 1), or take '
'from them (-1), as far as the accounts have a limit or a version. Internal.';
