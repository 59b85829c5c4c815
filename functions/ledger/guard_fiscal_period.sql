-- Regular periods of a business never overlap and lie within their year, the others are its last
-- day; all keep their dates once entries are in them, and change their status only after the
-- transactions that are posting into them have ended.
CREATE OR REPLACE FUNCTION ledger.guard_fiscal_period()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_other text;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        -- Whoever posts holds a key share lock on the period, by the foreign key of its entry.
        PERFORM FROM ledger.fiscal_periods AS p
        WHERE p.tenant_id = OLD.tenant_id AND p.business_id = OLD.business_id AND p.id = OLD.id
        FOR UPDATE;
        IF (
            NEW.tenant_id, NEW.business_id, NEW.id, NEW.fiscal_year_id, NEW.kind, NEW.starts_on,
            NEW.ends_on
        ) IS NOT DISTINCT FROM (
            OLD.tenant_id, OLD.business_id, OLD.id, OLD.fiscal_year_id, OLD.kind, OLD.starts_on,
            OLD.ends_on
        ) THEN
            RETURN NEW;
        END IF;
        IF EXISTS (
            SELECT FROM ledger.all_journal_entries AS e
            WHERE e.tenant_id = OLD.tenant_id
                AND e.business_id = OLD.business_id
                AND e.period_id = OLD.id
        ) THEN
            RAISE EXCEPTION 'fiscal period % has entries: its dates, kind and year cannot change',
                OLD.code
            USING ERRCODE = 'ZL018',
                HINT = 'Only its code and status can change now.';
        END IF;
    END IF;
    PERFORM ledger.lock_fiscal_calendar(NEW.tenant_id, NEW.business_id);
    SELECT p.code INTO v_other
    FROM ledger.fiscal_periods AS p
    WHERE p.tenant_id = NEW.tenant_id
        AND p.business_id = NEW.business_id
        AND p.id <> NEW.id
        AND p.kind = 'regular'
        AND NEW.kind = 'regular'
        AND p.starts_on <= NEW.ends_on
        AND p.ends_on >= NEW.starts_on
    ORDER BY p.starts_on
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'fiscal period % overlaps fiscal period %', NEW.code, v_other
        USING ERRCODE = 'ZL013',
            DETAIL = format('It would run from %s to %s.', NEW.starts_on, NEW.ends_on),
            HINT = 'Choose dates that no other regular period of the business has.';
    END IF;
    IF EXISTS (
        SELECT FROM ledger.fiscal_years AS y
        WHERE y.tenant_id = NEW.tenant_id
            AND y.business_id = NEW.business_id
            AND y.id = NEW.fiscal_year_id
            AND (y.starts_on > NEW.starts_on OR y.ends_on < NEW.ends_on)
    ) THEN
        RAISE EXCEPTION 'fiscal period % lies outside its fiscal year', NEW.code
        USING ERRCODE = 'ZL013',
            DETAIL = format('It would run from %s to %s.', NEW.starts_on, NEW.ends_on),
            HINT = 'Choose dates within the fiscal year.';
    END IF;
    IF NEW.kind <> 'regular' AND EXISTS (
        SELECT FROM ledger.fiscal_years AS y
        WHERE y.tenant_id = NEW.tenant_id
            AND y.business_id = NEW.business_id
            AND y.id = NEW.fiscal_year_id
            AND (y.ends_on <> NEW.starts_on OR y.ends_on <> NEW.ends_on)
    ) THEN
        RAISE EXCEPTION '% fiscal period % is not the last day of its fiscal year',
            NEW.kind, NEW.code
        USING ERRCODE = 'ZL013',
            DETAIL = format('It would run from %s to %s.', NEW.starts_on, NEW.ends_on),
            HINT = 'Let it start and end on the last day of the year.';
    END IF;
    RETURN NEW;
END;
$$;
COMMENT ON FUNCTION ledger.guard_fiscal_period() IS
'Trigger (before insert or update of ledger.fiscal_periods, each row); an update waits for '
'transactions that are posting into the period. Raises ZL013 (a regular one overlaps another or '
'lies outside its year; an adjusting or closing one is not the last day of its year), ZL018 (has '
'entries, dates fixed), 25001 (dates change outside READ COMMITTED).';
