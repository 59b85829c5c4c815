-- Before an entry is written: find its period, refuse one that is not open, keep posted entries as
-- they are, stamp the row (as core.stamp_row does elsewhere: one trigger costs less than two).
CREATE OR REPLACE FUNCTION ledger.prepare_journal_entry()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_period record;
    v_unchanged ledger.journal_entries;
    v_actor text;
BEGIN
    IF TG_OP = 'INSERT' AND NEW.period_id IS NOT NULL
        AND current_setting('pgerp.posting', true) = 'proved'
    THEN
        -- Whoever says so cannot say who and when, but for what would be set here.
        IF NEW.created_at = now()
            AND NEW.last_modified_at = now()
            AND NEW.created_by = current_setting('pgerp.actor', true)
            AND NEW.last_modified_by = NEW.created_by
        THEN
            -- ledger.insert_entries has locked the period and set all that is set here.
            RETURN NEW;
        END IF;
    END IF;
    v_actor := core.current_actor();
    IF TG_OP = 'UPDATE' THEN
        IF OLD.status = 'POSTED' AND NEW.status = 'VOIDED' THEN
            -- Nothing but the state changes, and only for what has been reversed.
            v_unchanged := NEW;
            v_unchanged.status := OLD.status;
            v_unchanged.void_reason := OLD.void_reason;
            IF v_unchanged IS NOT DISTINCT FROM OLD AND EXISTS (
                SELECT FROM ledger.reversals AS r
                WHERE r.tenant_id = NEW.tenant_id AND r.entry_id = NEW.id
            ) THEN
                NEW.last_modified_at := now();
                NEW.last_modified_by := v_actor;
                RETURN NEW;
            END IF;
        END IF;
        IF OLD.status <> 'DRAFT' THEN
            RAISE EXCEPTION 'journal entry % is % and cannot change',
                OLD.id, lower(OLD.status::text)
            USING ERRCODE = 'ZL006',
                HINT = 'Post a reversing entry instead.';
        END IF;
        IF (NEW.tenant_id, NEW.id, NEW.business_id)
            IS DISTINCT FROM (OLD.tenant_id, OLD.id, OLD.business_id)
        THEN
            RAISE EXCEPTION 'the key and business of journal entry % cannot change', OLD.id
            USING ERRCODE = 'ZL006',
                HINT = 'Make another draft.';
        END IF;
        NEW.entry_number := OLD.entry_number;
        NEW.created_at := OLD.created_at;
        NEW.created_by := OLD.created_by;
    ELSE
        IF NEW.status = 'VOIDED' THEN
            RAISE EXCEPTION 'a new journal entry cannot be voided'
            USING ERRCODE = 'ZL016',
                HINT = 'Make it as DRAFT or POSTED.';
        END IF;
        NEW.entry_number := nextval('ledger.entry_numbers');
        NEW.created_at := now();
        NEW.created_by := v_actor;
    END IF;
    SELECT
        p.id,
        p.code,
        p.status
    INTO v_period
    FROM ledger.fiscal_periods AS p
    WHERE p.tenant_id = NEW.tenant_id
        AND p.business_id = NEW.business_id
        AND p.kind = NEW.period_kind
        AND p.starts_on <= NEW.entry_date
        AND p.ends_on >= NEW.entry_date
    ORDER BY p.starts_on DESC
    LIMIT 1
    -- Whoever closes the period waits for us, or we for him, and then see what he did.
    FOR KEY SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no fiscal period has the date %', coalesce(NEW.entry_date::text, 'NULL')
        USING ERRCODE = 'ZL003',
            DETAIL = format(
                'Tenant %s, business %s, kind of period: %s.',
                NEW.tenant_id, NEW.business_id, NEW.period_kind
            ),
            HINT = 'Make its fiscal year with ledger.create_fiscal_year, or correct the date.';
    END IF;
    NEW.last_modified_at := now();
    NEW.last_modified_by := v_actor;
    NEW.period_id := v_period.id;
    NEW.posted_at := NULL;
    IF NEW.status = 'POSTED' THEN
        IF v_period.status = 'soft_closed' THEN
            PERFORM ledger.log_soft_posting(
                NEW.tenant_id, NEW.business_id, v_period.id, NEW.id
            );
        ELSIF v_period.status <> 'open' THEN
            RAISE EXCEPTION 'fiscal period % is %',
                v_period.code, replace(v_period.status::text, '_', '-')
            USING ERRCODE = 'ZL002',
                DETAIL = format('The entry is dated %s.', NEW.entry_date),
                HINT = 'Date the entry in an open period.';
        END IF;
        NEW.posted_at := now();
    END IF;
    RETURN NEW;
END;
$$;
COMMENT ON FUNCTION ledger.prepare_journal_entry() IS
'Trigger (before insert or update of ledger.journal_entries, each row): sets period_id, posted_at, '
'entry_number and the stamps. A posted entry changes only to VOIDED, and only once it is in '
'ledger.reversals. Raises ZL002 (period not open), ZL003 (no period has the date), ZL006 (entry '
'is not a draft), ZL016 (born voided).';
