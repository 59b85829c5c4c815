-- A new pay calendar.
CREATE OR REPLACE FUNCTION payroll.create_calendar(
    p_business_code text,
    p_code text,
    p_name text,
    p_frequency text,
    p_jurisdiction text,
    p_anchor_on date,
    p_rounding numeric DEFAULT 0.01,
    p_tenant_id integer DEFAULT NULL
)
RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_business identity.businesses;
    v_id uuid := core.uuid_v7();
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'payroll.prepare');
    v_business := identity.resolve_business(p_tenant_id, p_business_code);
    INSERT INTO payroll.calendars (
        tenant_id, id, business_id, code, name, frequency, anchor_on, jurisdiction,
        currency_code, rounding
    )
    VALUES (
        p_tenant_id, v_id, v_business.id, p_code, p_name, p_frequency::payroll.frequency,
        p_anchor_on, p_jurisdiction, v_business.currency_code, p_rounding
    );
    RETURN v_id;
END;
$$;
COMMENT ON FUNCTION payroll.create_calendar(
    text, text, text, text, text, date, numeric, integer
) IS
'Makes a pay calendar in the currency of the business and returns its id. p_frequency: weekly, '
'biweekly, semimonthly or monthly; p_jurisdiction: whose rates, such as KE or US-IL; p_anchor_on: '
'a day on which a period begins; p_rounding: to a multiple of what pay is rounded. Needs '
'payroll.prepare. Raises ZI001 to ZI007, ZI009 to ZI011 (token, business, permission), 22P02 '
'(frequency), 23502, 23514 (malformed), 23505 (code taken).';
