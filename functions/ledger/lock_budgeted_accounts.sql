-- Before a budget comes into force: wait for those who are posting to its accounts.
CREATE OR REPLACE FUNCTION ledger.lock_budgeted_accounts(
    p_tenant_id integer,
    p_budget_id uuid,
    p_revision_no integer
)
RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'a budget can only be put in force in a READ COMMITTED transaction'
        USING ERRCODE = 'active_sql_transaction',
            DETAIL = 'An older snapshot could not see accounts moved or entries posted meanwhile.',
            HINT = 'Start the transaction with ISOLATION LEVEL READ COMMITTED.';
    END IF;
    -- One at a time: accounts that move in the chart take the same lock.
    PERFORM FROM identity.tenants AS t WHERE t.id = p_tenant_id FOR NO KEY UPDATE;
    -- Whoever posts holds a key share lock on the account, by the foreign key of its line.
    PERFORM FROM ledger.accounts AS a
    WHERE a.tenant_id = p_tenant_id
        AND a.id IN (
            SELECT d.account_id
            FROM ledger.accounts_below(p_tenant_id, ARRAY(
                SELECT DISTINCT l.account_id
                FROM ledger.budget_lines AS l
                WHERE l.tenant_id = p_tenant_id
                    AND l.budget_id = p_budget_id
                    AND l.revision_no = p_revision_no
            )) AS d
        )
    ORDER BY a.id
    FOR UPDATE;
END;
$$;
COMMENT ON FUNCTION ledger.lock_budgeted_accounts(integer, uuid, integer) IS
'Locks the accounts of a revision and all below them until the transaction ends, after whoever '
'is posting to them; who posts later sees the budget as it will be. Internal. Raises 25001 '
'outside READ COMMITTED.';
