-- What closed a year is undone by reopening the year, and in no other way.
CREATE OR REPLACE FUNCTION ledger.guard_reversal_of_closing()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF EXISTS (
        SELECT FROM ledger.journal_entries AS e
        INNER JOIN ledger.journal_entries AS r
            ON r.tenant_id = e.tenant_id AND r.id = NEW.reversal_id
        WHERE e.tenant_id = NEW.tenant_id
            AND e.id = NEW.entry_id
            AND e.period_kind = 'closing'
            AND (
                r.period_id <> e.period_id
                OR EXISTS (
                    SELECT FROM ledger.reversals AS x
                    WHERE x.tenant_id = NEW.tenant_id AND x.reversal_id = NEW.entry_id
                )
            )
    ) THEN
        RAISE EXCEPTION 'journal entry % closes a fiscal year', NEW.entry_id
        USING ERRCODE = 'ZL044',
            HINT = 'Undo it with ledger.reopen_fiscal_year, redo it with ledger.close_fiscal_year.';
    END IF;
    RETURN NEW;
END;
$$;
COMMENT ON FUNCTION ledger.guard_reversal_of_closing() IS
'Trigger (before insert of ledger.reversals, each row). Raises ZL044 when an entry of a closing '
'period would be reversed outside that period, or is itself a reversal.';
