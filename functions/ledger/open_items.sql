-- Claims and payments that are not settled yet.
CREATE OR REPLACE FUNCTION ledger.open_items(
    p_business_code text,
    p_account_code text,
    p_as_of date DEFAULT current_date,
    p_counterparty text DEFAULT NULL
)
RETURNS TABLE (
    entry_id uuid,
    line_no integer,
    entry_date date,
    due_date date,
    reference text,
    description text,
    counterparty text,
    currency_code text,
    amount numeric,
    open_amount numeric,
    open_value numeric
)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    v_tenant_id integer := identity.current_tenant();
    v_business_id integer := ledger.readable_business(p_business_code);
    v_account ledger.accounts := ledger.readable_account(p_account_code);
BEGIN
    RETURN QUERY
    SELECT
        i.entry_id,
        i.line_no,
        i.entry_date,
        i.due_date,
        e.reference::text,
        coalesce(l.description, e.description)::text,
        i.counterparty,
        i.currency_code,
        i.amount,
        i.open_amount,
        i.open_value
    FROM ledger.account_items(
        v_tenant_id, v_business_id, v_account.id, p_as_of, p_counterparty, p_counterparty IS NULL
    ) AS i
    INNER JOIN ledger.all_journal_entries AS e ON e.tenant_id = v_tenant_id AND e.id = i.entry_id
    INNER JOIN ledger.all_journal_lines AS l
        ON l.tenant_id = v_tenant_id AND l.entry_id = i.entry_id AND l.line_no = i.line_no
    ORDER BY i.counterparty COLLATE "C", i.currency_code, i.due_date, i.entry_date, i.entry_id,
        i.line_no;
END;
$$;
COMMENT ON FUNCTION ledger.open_items(text, text, date, text) IS
'The lines of an account that are not, or not wholly, settled as of a date, oldest due first, of '
'one counterparty or all (NULL); business NULL: all. amount: as posted, open_amount: what is not '
'matched of it, both in the transaction currency and debit positive; open_value: the same in the '
'functional currency, at the rate of the line. entry_id and line_no are what ledger.match_lines '
'takes. Raises ZI002, ZI003 (token), ZI005 (no such business), ZL007 (no such account), ZL020 '
'(several functional currencies).';
