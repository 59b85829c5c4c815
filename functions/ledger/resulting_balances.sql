-- What the accounts of an entry stand at now.
CREATE OR REPLACE FUNCTION ledger.resulting_balances(p_entry_id uuid)
RETURNS TABLE (account_code text, balance numeric, available numeric, version bigint)
-- Volatile, so that it sees an entry that its own argument has just posted.
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_tenant_id integer := identity.current_tenant();
BEGIN
    RETURN QUERY
    SELECT
        a.code::text,
        s.balance,
        s.balance - t.normal_side * q.held_against,
        CASE WHEN a.keeps_version THEN coalesce(h.version, 0) END
    FROM (
        SELECT
            l.account_id,
            l.business_id,
            min(l.line_no) AS line_no
        FROM ledger.journal_lines AS l
        WHERE l.tenant_id = v_tenant_id AND l.entry_id = p_entry_id
        GROUP BY l.account_id, l.business_id
    ) AS l
    INNER JOIN ledger.accounts AS a ON a.tenant_id = v_tenant_id AND a.id = l.account_id
    INNER JOIN ledger.account_types AS t ON t.code = a.type_code
    LEFT JOIN ledger.account_heads AS h
        ON h.tenant_id = v_tenant_id
            AND h.account_id = l.account_id
            AND h.business_id = l.business_id
            AND (num_nonnulls(a.minimum_balance, a.credit_limit) > 0 OR a.keeps_version)
    CROSS JOIN LATERAL (
        SELECT coalesce(h.balance, (
            SELECT sum(b.debit - b.credit)
            FROM ledger.account_balances AS b
            WHERE b.tenant_id = v_tenant_id
                AND b.account_id = l.account_id
                AND b.business_id = l.business_id
        ), 0) AS balance
    ) AS s
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(greatest(-t.normal_side * m.amount, 0)), 0) AS held_against
        FROM ledger.held_amounts AS m
        WHERE m.tenant_id = v_tenant_id
            AND m.account_id = l.account_id
            AND m.business_id = l.business_id
            AND m.expires_at > clock_timestamp()
    ) AS q
    ORDER BY l.line_no;
END;
$$;
COMMENT ON FUNCTION ledger.resulting_balances(uuid) IS
'For each account of an entry, in the order of its lines: balance, debits less credits of all '
'that is posted for the business; available, the same with all holds posted that would lower it '
'on its normal side; version, NULL when the account keeps none. In the transaction that posted '
'the entry they are exactly what it resulted in for accounts with a limit or a version, whose row '
'is locked; for others what others have committed by now is in them. No rows when the token does '
'not cover the entry. Raises ZI002, ZI003 (token).';
