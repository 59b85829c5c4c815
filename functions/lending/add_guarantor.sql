-- Have somebody answer for a loan.
CREATE OR REPLACE FUNCTION lending.add_guarantor(
    p_loan_id uuid,
    p_customer_id uuid,
    p_amount numeric,
    p_tenant_id integer DEFAULT NULL
)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_loan lending.loans;
    v_customer party.customers;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'lending.originate');
    v_loan := lending.lock_loan(p_tenant_id, p_loan_id);
    PERFORM lending.require_status(
        v_loan, '{applied, approved, active, restructured, defaulted}'
    );
    PERFORM lending.require_amount(v_loan, p_amount);
    v_customer := party.lock_customer(p_tenant_id, p_customer_id);
    IF p_customer_id = v_loan.customer_id THEN
        RAISE EXCEPTION 'customer % is the borrower of loan %', v_customer.customer_no,
            v_loan.loan_no
        USING ERRCODE = 'ZO042',
            HINT = 'Name somebody else as the guarantor.';
    ELSIF EXISTS (
        SELECT FROM lending.guarantors AS g
        WHERE g.tenant_id = p_tenant_id
            AND g.loan_id = p_loan_id
            AND g.customer_id = p_customer_id
    ) THEN
        RAISE EXCEPTION 'customer % answers for loan % already, or did', v_customer.customer_no,
            v_loan.loan_no
        USING ERRCODE = 'ZO042',
            HINT = 'See lending.guarantors.';
    END IF;
    INSERT INTO lending.guarantors (tenant_id, loan_id, customer_id, business_id, amount)
    VALUES (p_tenant_id, p_loan_id, p_customer_id, v_loan.business_id, p_amount);
END;
$$;
COMMENT ON FUNCTION lending.add_guarantor(uuid, uuid, numeric, integer) IS
'Has a customer answer for a loan that is not at its end, for p_amount in its currency. Needs '
'lending.originate. Raises ZI001 to ZI004, ZI009 to ZI011 (token, permission), ZO010 (no such '
'loan), ZO031 (it is at its end), ZT001, ZT002 (no such customer; anonymised), ZO042 (the '
'borrower, or a guarantor of it before), 22023 (p_amount).';
