-- Have something secure a loan.
CREATE OR REPLACE FUNCTION lending.add_collateral(
    p_loan_id uuid,
    p_kind text,
    p_description text,
    p_estimated_value numeric,
    p_valued_on date DEFAULT NULL,
    p_tenant_id integer DEFAULT NULL
)
RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_loan lending.loans;
    v_id uuid;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'lending.originate');
    v_loan := lending.lock_loan(p_tenant_id, p_loan_id);
    PERFORM lending.require_status(
        v_loan, '{applied, approved, active, restructured, defaulted}'
    );
    PERFORM lending.require_amount(v_loan, p_estimated_value);
    INSERT INTO lending.collaterals (
        tenant_id, business_id, loan_id, kind, description, estimated_value, valued_on
    )
    VALUES (
        p_tenant_id, v_loan.business_id, p_loan_id, p_kind, p_description, p_estimated_value,
        coalesce(p_valued_on, current_date)
    )
    RETURNING id INTO v_id;
    RETURN v_id;
END;
$$;
COMMENT ON FUNCTION lending.add_collateral(uuid, text, text, numeric, date, integer) IS
'Has something secure a loan that is not at its end, and returns its id: p_kind, such as land, '
'vehicle, livestock, savings; p_description, which one it is; p_estimated_value in the currency of '
'the loan, as of p_valued_on (NULL: today). Needs lending.originate. Raises ZI001 to ZI004, ZI009 '
'to ZI011 (token, permission), ZO010 (no such loan), ZO031 (it is at its end), ZT002 (the borrower '
'is anonymised), 22023 (p_estimated_value), 23502, 23514 (p_kind, p_description, p_valued_on).';
