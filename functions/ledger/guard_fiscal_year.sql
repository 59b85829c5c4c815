-- Fiscal years of a business never overlap, and keep their dates once they have periods.
CREATE OR REPLACE FUNCTION ledger.guard_fiscal_year()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_other text;
BEGIN
    PERFORM ledger.lock_fiscal_calendar(NEW.tenant_id, NEW.business_id);
    SELECT y.code INTO v_other
    FROM ledger.fiscal_years AS y
    WHERE y.tenant_id = NEW.tenant_id
        AND y.business_id = NEW.business_id
        AND y.id <> NEW.id
        AND y.starts_on <= NEW.ends_on
        AND y.ends_on >= NEW.starts_on
    ORDER BY y.starts_on
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'fiscal year % overlaps fiscal year %', NEW.code, v_other
        USING ERRCODE = 'ZL013',
            DETAIL = format('It would run from %s to %s.', NEW.starts_on, NEW.ends_on),
            HINT = 'Choose dates that no other fiscal year of the business has.';
    END IF;
    SELECT p.code INTO v_other
    FROM ledger.fiscal_periods AS p
    WHERE p.tenant_id = NEW.tenant_id
        AND p.business_id = NEW.business_id
        AND p.fiscal_year_id = NEW.id
        AND (
            p.starts_on < NEW.starts_on
            OR p.ends_on > NEW.ends_on
            OR (p.kind <> 'regular' AND p.ends_on <> NEW.ends_on)
        )
    ORDER BY p.starts_on
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'fiscal period % would be out of place in fiscal year %',
            v_other, NEW.code
        USING ERRCODE = 'ZL013',
            DETAIL = format('The year would run from %s to %s.', NEW.starts_on, NEW.ends_on),
            HINT = 'Keep the dates of the year around those of its periods, and its last day that '
                'of its adjusting and closing periods; delete these first and insert them again.';
    END IF;
    RETURN NEW;
END;
$$;
COMMENT ON FUNCTION ledger.guard_fiscal_year() IS
'Trigger (before insert or update of ledger.fiscal_years, each row). Raises ZL013 when two years '
'of a business would overlap, a period would lie outside its year, or an adjusting or closing '
'period would not be its last day; 25001 outside READ COMMITTED.';
