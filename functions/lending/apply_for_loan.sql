-- An application for a loan of a product.
CREATE OR REPLACE FUNCTION lending.apply_for_loan(
    p_business_code text,
    p_customer_id uuid,
    p_product_code text,
    p_principal numeric,
    p_instalments integer,
    p_applied_on date DEFAULT NULL,
    p_rate numeric DEFAULT NULL,
    p_disburse_on date DEFAULT NULL,
    p_first_due_on date DEFAULT NULL,
    p_officer text DEFAULT NULL,
    p_branch_code text DEFAULT NULL,
    p_group_code text DEFAULT NULL,
    p_purpose text DEFAULT NULL,
    p_loan_no text DEFAULT NULL,
    p_tenant_id integer DEFAULT NULL
)
RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_business identity.businesses;
    v_customer party.customers;
    v_product lending.products;
    v_loan lending.loans;
    v_group lending.groups;
    v_number text;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'lending.originate');
    v_business := identity.resolve_business(p_tenant_id, p_business_code);
    v_customer := party.lock_customer(p_tenant_id, p_customer_id);
    IF v_customer.status <> 'active' THEN
        RAISE EXCEPTION 'customer % is %', v_customer.customer_no, v_customer.status
        USING ERRCODE = 'ZO035',
            HINT = 'Set the status to active with party.update_customer, if it is lent to again.';
    END IF;
    SELECT p.* INTO v_product
    FROM lending.products AS p
    WHERE p.tenant_id = p_tenant_id AND p.code = p_product_code
        AND (p.business_id = v_business.id OR p.business_id IS NULL)
    ORDER BY p.business_id NULLS LAST
    LIMIT 1
    FOR SHARE;
    v_loan.applied_on := coalesce(p_applied_on, current_date);
    v_loan.expected_disbursement_on := coalesce(p_disburse_on, v_loan.applied_on);
    -- Within the limits of the product, and with a schedule.
    PERFORM FROM lending.preview_product_schedule(
        p_business_code, p_product_code, p_principal, p_instalments,
        v_loan.expected_disbursement_on, p_first_due_on, p_rate
    );
    v_loan.tenant_id := p_tenant_id;
    v_loan.id := core.uuid_v7();
    v_loan.business_id := v_business.id;
    v_loan.loan_no := p_loan_no;
    v_loan.customer_id := p_customer_id;
    v_loan.product_id := v_product.id;
    v_loan.officer := lending.officer_of(v_business, p_officer);
    v_loan.branch_id := lending.branch_of(v_business, p_branch_code);
    v_loan.purpose := p_purpose;
    v_loan.status := 'applied';
    v_loan.requested_principal := p_principal;
    v_loan.principal := p_principal;
    v_loan.currency_code := v_product.currency_code;
    v_loan.minor_units := v_product.minor_units;
    v_loan.annual_rate_percent := coalesce(p_rate, v_product.default_rate_percent);
    v_loan.instalments := p_instalments;
    v_loan.every := v_product.every;
    v_loan.frequency := v_product.frequency;
    v_loan.method := v_product.method;
    v_loan.interest_calculation := v_product.interest_calculation;
    v_loan.day_count := v_product.day_count;
    v_loan.grace_principal := v_product.grace_principal;
    v_loan.grace_interest := v_product.grace_interest;
    v_loan.interest_free := v_product.interest_free;
    v_loan.round_to := v_product.round_to;
    v_loan.rounding := v_product.rounding;
    v_loan.penalty_rate_percent := v_product.penalty_rate_percent;
    v_loan.penalty_grace_days := v_product.penalty_grace_days;
    v_loan.penalty_cap_percent := v_product.penalty_cap_percent;
    v_loan.allocation_order := v_product.allocation_order;
    v_loan.allocate_by := v_product.allocate_by;
    v_loan.prepayment := v_product.prepayment;
    v_loan.first_due_on := p_first_due_on;
    v_loan.version := 1;
    IF p_group_code IS NOT NULL THEN
        v_group := lending.group_of(v_business, p_group_code);
        IF NOT v_group.is_active OR NOT EXISTS (
            SELECT FROM lending.group_members AS m
            WHERE m.tenant_id = p_tenant_id
                AND m.group_id = v_group.id
                AND m.customer_id = p_customer_id
                AND v_loan.applied_on BETWEEN m.joined_on AND coalesce(m.left_on, 'infinity')
        ) THEN
            RAISE EXCEPTION 'customer % cannot borrow with group %', v_customer.customer_no,
                p_group_code
            USING ERRCODE = 'ZO037',
                DETAIL = format(
                    'The group is %s, and has the active members that lending.group_members says.',
                    CASE WHEN v_group.is_active THEN 'active' ELSE 'inactive' END
                ),
                HINT = 'Add the customer with lending.add_group_member.';
        END IF;
        v_loan.group_id := v_group.id;
        v_loan.branch_id := coalesce(v_loan.branch_id, v_group.branch_id);
    END IF;
    PERFORM lending.require_day(
        v_loan, v_loan.expected_disbursement_on, v_loan.applied_on, 'The first day after applying'
    );
    WHILE v_loan.loan_no IS NULL LOOP
        v_number := core.next_number('loan', v_business.id, p_tenant_id);
        v_number := 'L' || lpad(v_number, greatest(6, length(v_number)), '0');
        -- Somebody may have given it already.
        IF NOT EXISTS (
            SELECT FROM lending.loans AS l
            WHERE l.tenant_id = p_tenant_id
                AND l.business_id = v_business.id
                AND l.loan_no = v_number
        ) THEN
            v_loan.loan_no := v_number;
        END IF;
    END LOOP;
    INSERT INTO lending.loans SELECT v_loan.*;
    INSERT INTO lending.loan_fees (
        tenant_id, loan_id, code, business_id, name, occasion, basis, amount
    )
    SELECT
        p_tenant_id,
        v_loan.id,
        f.code,
        v_business.id,
        f.name,
        f.occasion,
        f.basis,
        f.amount
    FROM lending.product_fees AS f
    WHERE f.tenant_id = p_tenant_id AND f.product_id = v_product.id;
    RETURN v_loan.id;
END;
$$;
COMMENT ON FUNCTION lending.apply_for_loan(
    text, uuid, text, numeric, integer, date, numeric, date, date, text, text, text, text, text,
    integer
) IS
'A new loan, applied for: terms and fees are those that the product has now, and stay. '
'p_applied_on NULL: today; p_rate, percent a year, NULL: the product''s default; p_disburse_on '
'NULL: the day of the application; p_first_due_on NULL: one interval after it is paid out; '
'p_officer, the subject of a user, NULL: who acts; p_branch_code NULL: the group''s, if it has '
'one; p_loan_no NULL: the next of L000001, L000002, …. Returns its id. Needs lending.originate. '
'Raises ZI001 to ZI007, ZI009 to ZI011 (token, business, permission), ZT001, ZT002 (no such '
'customer; anonymised), ZO001 to ZO003 (product: none, not on that day, beyond its limits), ZO034 '
'(officer), ZO035 (the customer is not active), ZO036, ZO037 (no such branch or group; inactive, '
'or the customer is no member), ZO039 (p_disburse_on is before the application), 23505 (p_loan_no '
'is taken), 22023 (p_first_due_on, or a principal finer than the currency), 23514 (text too long).';
