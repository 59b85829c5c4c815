-- Write the lines of one entry, resolved, numbered by their place.
CREATE OR REPLACE FUNCTION ledger.insert_lines(
    p_tenant_id integer,
    p_entry_id uuid,
    p_business_id integer,
    p_entry_date date,
    p_lines ledger.new_line[]
)
RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
-- The arrays are short: planning the statement anew for each call costs five times its work.
SET plan_cache_mode = 'force_generic_plan'
AS $$
BEGIN
    INSERT INTO ledger.journal_lines (
        tenant_id, entry_id, line_no, account_id, business_id, entry_date, amount, currency_code,
        currency_amount, exchange_rate, description, department_code, counterparty, due_date
    )
    SELECT
        p_tenant_id,
        p_entry_id,
        l.line_no,
        l.account_id,
        p_business_id,
        p_entry_date,
        l.amount,
        l.currency_code,
        l.currency_amount,
        l.exchange_rate,
        l.description,
        l.department_code,
        l.counterparty,
        l.due_date
    FROM unnest(p_lines) WITH ORDINALITY AS l (
        account_id, amount, currency_code, currency_amount, exchange_rate, description,
        department_code, counterparty, due_date, line_no
    )
    -- The order in which their foreign keys lock the accounts.
    ORDER BY l.account_id;
END;
$$;
COMMENT ON FUNCTION ledger.insert_lines(integer, uuid, integer, date, ledger.new_line[]) IS
'Inserts the lines of an entry; balances are the caller''s to bring up to date, who says so with '
'pgerp.posting = function. Internal: for functions that have entered the tenant.';
