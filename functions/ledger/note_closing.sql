-- A fiscal year was closed or reopened: where that left the accounts, they begin again.
CREATE OR REPLACE FUNCTION ledger.note_closing(p_tenant_id integer, p_changes ledger.head_change[])
RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE ledger.account_heads AS h
    SET closed_low = h.balance - s.held_credit,
        closed_high = h.balance + s.held_debit
    FROM (
        SELECT
            c.account_id,
            c.business_id,
            coalesce(sum(greatest(m.amount, 0)), 0) AS held_debit,
            coalesce(sum(greatest(-m.amount, 0)), 0) AS held_credit
        FROM unnest(p_changes) AS c
        LEFT JOIN ledger.held_amounts AS m
            ON m.tenant_id = p_tenant_id
            AND m.account_id = c.account_id
            AND m.business_id = c.business_id
            AND m.expires_at > clock_timestamp()
        GROUP BY c.account_id, c.business_id
    ) AS s
    WHERE h.tenant_id = p_tenant_id
        AND h.account_id = s.account_id
        AND h.business_id = s.business_id;
END;
$$;
COMMENT ON FUNCTION ledger.note_closing(integer, ledger.head_change[]) IS
'Keeps in ledger.account_heads the balances, with what is held, of the accounts that the changes '
'name, as they are after the entry that closes or reopens a fiscal year, for '
'sql/checks/ledger/limits_are_kept.sql. Internal: while the heads are locked.';
