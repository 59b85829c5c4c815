-- A closed fiscal year is carried forward and all of it is closed; reopening has a reason.
CREATE OR REPLACE FUNCTION ledger.guard_period_status()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_others text;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NEW.status < OLD.status THEN
            PERFORM ledger.require_reason(current_setting('pgerp.period_reason', true));
        END IF;
        -- What stays as closed or as open as it was breaks nothing that held before.
        IF NEW.fiscal_year_id = OLD.fiscal_year_id
            AND (NEW.kind = 'closing') = (OLD.kind = 'closing')
            AND (NEW.status = 'closed') = (OLD.status = 'closed')
        THEN
            RETURN NEW;
        END IF;
    END IF;
    IF (NEW.kind = 'closing') <> (NEW.status = 'closed') THEN
        RETURN NEW;
    END IF;
    PERFORM ledger.lock_fiscal_calendar(NEW.tenant_id, NEW.business_id);
    IF NEW.kind = 'closing' THEN
        SELECT string_agg(p.code, ', ' ORDER BY p.starts_on, p.kind) INTO v_others
        FROM ledger.fiscal_periods AS p
        WHERE p.tenant_id = NEW.tenant_id
            AND p.business_id = NEW.business_id
            AND p.fiscal_year_id = NEW.fiscal_year_id
            AND p.id <> NEW.id
            AND p.status <> 'closed';
        IF v_others IS NOT NULL THEN
            RAISE EXCEPTION 'the fiscal year has periods that are not closed'
            USING ERRCODE = 'ZL043',
                DETAIL = format('Not closed: %s.', v_others),
                HINT = 'Close them first; ledger.close_fiscal_year can do it.';
        END IF;
        IF EXISTS (
            SELECT FROM ledger.year_result(NEW.tenant_id, NEW.business_id, NEW.fiscal_year_id)
        ) THEN
            RAISE EXCEPTION 'the result of the fiscal year is not carried forward'
            USING ERRCODE = 'ZL043',
                DETAIL = 'Revenue or expense accounts have a balance in its periods.',
                HINT = 'Close the year with ledger.close_fiscal_year.';
        END IF;
    ELSIF EXISTS (
        SELECT FROM ledger.fiscal_periods AS p
        WHERE p.tenant_id = NEW.tenant_id
            AND p.business_id = NEW.business_id
            AND p.fiscal_year_id = NEW.fiscal_year_id
            AND p.id <> NEW.id
            AND p.kind = 'closing'
            AND p.status = 'closed'
    ) THEN
        RAISE EXCEPTION 'the fiscal year of period % is closed', NEW.code
        USING ERRCODE = 'ZL042',
            HINT = 'Reopen the year and this period with ledger.reopen_fiscal_year.';
    END IF;
    RETURN NEW;
END;
$$;
COMMENT ON FUNCTION ledger.guard_period_status() IS
'Trigger (before insert or update of ledger.fiscal_periods, each row; after fiscal_periods_guard): '
'a closing period closes last and with no result left, and its year''s other periods stay closed '
'while it is. Raises ZL027 (reopened without a reason in the setting pgerp.period_reason), ZL042 '
'(the year is closed), ZL043 (other periods are not closed, or a result is left), 25001 (the year '
'closes, or a period reopens, outside READ COMMITTED).';
