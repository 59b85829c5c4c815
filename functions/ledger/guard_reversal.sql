-- A reversal is posted, in the same business, with the exact opposite of every line; and it stays.
CREATE OR REPLACE FUNCTION ledger.guard_reversal()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_entry ledger.journal_entries;
    v_reversal ledger.journal_entries;
BEGIN
    IF TG_OP <> 'INSERT' THEN
        RAISE EXCEPTION 'the reversal of journal entry % cannot change or go', OLD.entry_id
        USING ERRCODE = 'ZL006',
            HINT = 'Reverse the reversal instead.';
    END IF;
    SELECT e.* INTO v_entry
    FROM ledger.journal_entries AS e
    WHERE e.tenant_id = NEW.tenant_id AND e.id = NEW.entry_id
    FOR UPDATE;
    SELECT e.* INTO v_reversal
    FROM ledger.journal_entries AS e
    WHERE e.tenant_id = NEW.tenant_id AND e.id = NEW.reversal_id;
    IF v_entry.status = 'VOIDED' THEN
        RAISE EXCEPTION 'journal entry % is already voided', NEW.entry_id
        USING ERRCODE = 'ZL023',
            HINT = 'See ledger.reversals for what reversed it.';
    END IF;
    IF (v_entry.status = 'POSTED' AND v_reversal.status = 'POSTED') IS NOT true THEN
        RAISE EXCEPTION 'only a posted journal entry reverses a posted one'
        USING ERRCODE = 'ZL022',
            DETAIL = format('Entry %s, reversal %s.', NEW.entry_id, NEW.reversal_id),
            HINT = 'Use ledger.reverse_journal_entry.';
    END IF;
    IF v_entry.business_id <> v_reversal.business_id OR EXISTS (
        SELECT
            l.account_id, l.currency_code, l.department_code, l.counterparty
        FROM ledger.journal_lines AS l
        WHERE l.tenant_id = NEW.tenant_id AND l.entry_id IN (NEW.entry_id, NEW.reversal_id)
        GROUP BY l.account_id, l.currency_code, l.department_code, l.counterparty
        HAVING sum(l.amount) <> 0 OR sum(l.currency_amount) <> 0
    ) THEN
        RAISE EXCEPTION 'journal entry % is not the opposite of journal entry %',
            NEW.reversal_id, NEW.entry_id
        USING ERRCODE = 'ZL025',
            HINT = 'Use ledger.reverse_journal_entry.';
    END IF;
    NEW.business_id := v_entry.business_id;
    RETURN NEW;
END;
$$;
COMMENT ON FUNCTION ledger.guard_reversal() IS
'Trigger (before insert, update or delete of ledger.reversals, each row): sets business_id to that '
'of the entries. Raises ZL006 (would change or go), ZL022 (one of the two is not posted), ZL023 '
'(voided before), ZL025 (the two do not cancel out per account, currency, department and '
'counterparty, or are of two businesses).';
