-- Lines change only while their entry is a draft, or arrive in the very transaction that posts it.
CREATE OR REPLACE FUNCTION ledger.guard_journal_line()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_entry ledger.journal_entries;
    v_line ledger.journal_lines := CASE WHEN TG_OP = 'INSERT' THEN NEW ELSE OLD END;
BEGIN
    -- The lock makes a concurrent posting of the draft wait for this line, or this line for it.
    SELECT e.* INTO v_entry
    FROM ledger.journal_entries AS e
    WHERE e.tenant_id = v_line.tenant_id AND e.id = v_line.entry_id
    FOR SHARE;
    -- Not found: on INSERT the foreign key answers; on DELETE the draft itself is going.
    IF FOUND AND v_entry.status <> 'DRAFT' AND NOT (
        TG_OP = 'INSERT' AND v_entry.status = 'POSTED' AND v_entry.posted_at = now()
    ) THEN
        RAISE EXCEPTION 'journal entry % is %: its lines cannot change',
            v_entry.id, lower(v_entry.status::text)
        USING ERRCODE = 'ZL006',
            HINT = 'Post a reversing entry instead.';
    END IF;
    IF v_entry.status = 'DRAFT' AND EXISTS (
        SELECT FROM ledger.holds AS h
        WHERE h.tenant_id = v_entry.tenant_id
            AND h.entry_id = v_entry.id
            AND h.state = 'pending'
    ) THEN
        -- Only the date may follow that of the entry.
        IF TG_OP = 'UPDATE' THEN
            v_line.entry_date := NEW.entry_date;
        END IF;
        IF TG_OP <> 'UPDATE' OR v_line IS DISTINCT FROM NEW THEN
            RAISE EXCEPTION 'journal entry % is held: its lines cannot change', v_entry.id
            USING ERRCODE = 'ZL035',
                HINT = 'Release it with ledger.release_held_entry and hold another.';
        END IF;
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    IF TG_OP = 'UPDATE'
        AND (NEW.tenant_id, NEW.entry_id) IS DISTINCT FROM (OLD.tenant_id, OLD.entry_id)
    THEN
        RAISE EXCEPTION 'a journal line cannot move to another entry'
        USING ERRCODE = 'ZL006',
            HINT = 'Delete it there and insert it here.';
    END IF;
    IF v_entry.id IS NOT NULL THEN
        NEW.business_id := v_entry.business_id;
        NEW.entry_date := v_entry.entry_date;
    END IF;
    RETURN NEW;
END;
$$;
COMMENT ON FUNCTION ledger.guard_journal_line() IS
'Trigger (before insert, update or delete of ledger.journal_lines, each row): sets business_id '
'and entry_date to the entry''s. Raises ZL006 when the entry is not a draft (a line may be '
'inserted in the transaction that posts the entry), or when a line would move; ZL035 when the '
'entry is held.';
