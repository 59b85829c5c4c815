-- A line that arrives after its posted header, in the same transaction, enters the balances at
-- once.
CREATE OR REPLACE FUNCTION ledger.apply_line_of_posted_entry()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    INSERT INTO ledger.account_balances AS b (
        tenant_id, account_id, business_id, period_id, currency_code, stripe,
        debit, credit, currency_amount
    )
    SELECT
        e.tenant_id,
        NEW.account_id,
        e.business_id,
        e.period_id,
        coalesce(NEW.currency_code, u.currency_code),
        pg_backend_pid() % a.balance_stripes,
        greatest(NEW.amount, 0),
        greatest(-NEW.amount, 0),
        coalesce(NEW.currency_amount, NEW.amount)
    FROM ledger.journal_entries AS e
    INNER JOIN identity.businesses AS u ON u.tenant_id = e.tenant_id AND u.id = e.business_id
    INNER JOIN ledger.accounts AS a ON a.tenant_id = e.tenant_id AND a.id = NEW.account_id
    WHERE e.tenant_id = NEW.tenant_id AND e.id = NEW.entry_id AND e.status = 'POSTED'
    ON CONFLICT (tenant_id, account_id, business_id, period_id, currency_code, stripe)
    DO UPDATE SET
        debit = b.debit + excluded.debit,
        credit = b.credit + excluded.credit,
        currency_amount = b.currency_amount + excluded.currency_amount;
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION ledger.apply_line_of_posted_entry() IS
'Trigger (after insert into ledger.journal_lines outside the posting functions, each row): adds '
'the line to the balances when its entry is posted.';
