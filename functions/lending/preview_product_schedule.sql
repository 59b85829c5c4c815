-- The schedule that a loan of a product would have.
CREATE OR REPLACE FUNCTION lending.preview_product_schedule(
    p_business_code text,
    p_product_code text,
    p_principal numeric,
    p_instalments integer,
    p_disbursed_on date,
    p_first_due_on date DEFAULT NULL,
    p_annual_rate_percent numeric DEFAULT NULL
)
RETURNS TABLE (
    instalment_no integer,
    due_date date,
    days integer,
    principal numeric,
    interest numeric,
    amount numeric,
    balance numeric
)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_tenant_id integer := identity.current_tenant();
    v_business identity.businesses;
    v_product lending.products;
    v_problem text;
BEGIN
    IF v_tenant_id IS NULL THEN
        RAISE EXCEPTION 'no token'
        USING ERRCODE = 'ZI001',
            DETAIL = 'The setting pgerp.token is empty, so the tenant is not proved.',
            HINT = 'In each transaction: SELECT set_config(''pgerp.token'', <token>, true).';
    END IF;
    SELECT b.* INTO v_business
    FROM identity.businesses AS b
    WHERE b.tenant_id = v_tenant_id AND b.code = p_business_code;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such business: %', coalesce(p_business_code, 'NULL')
        USING ERRCODE = 'ZI005',
            HINT = 'See identity.businesses for those that the token covers.';
    ELSIF NOT v_business.is_active THEN
        RAISE EXCEPTION 'business % is inactive', p_business_code
        USING ERRCODE = 'ZI007',
            HINT = 'Set is_active in identity.businesses if it trades again.';
    END IF;
    SELECT p.* INTO v_product
    FROM lending.products AS p
    WHERE p.tenant_id = v_tenant_id AND p.code = p_product_code
        AND (p.business_id = v_business.id OR p.business_id IS NULL)
    ORDER BY p.business_id NULLS LAST
    LIMIT 1;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such loan product: %', coalesce(p_product_code, 'NULL')
        USING ERRCODE = 'ZO001',
            HINT = 'See lending.products; lending.save_product makes one.';
    END IF;
    IF (
        v_product.is_active
        AND p_disbursed_on >= v_product.effective_from
        AND p_disbursed_on <= coalesce(v_product.effective_to, 'infinity')
    ) IS NOT true THEN
        RAISE EXCEPTION 'nothing is lent by product % on that day', p_product_code
        USING ERRCODE = 'ZO002',
            DETAIL = format(
                'Asked for %s; it is %s, from %s to %s.', coalesce(p_disbursed_on::text, 'NULL'),
                CASE WHEN v_product.is_active THEN 'active' ELSE 'inactive' END,
                v_product.effective_from, coalesce(v_product.effective_to::text, 'further notice')
            ),
            HINT = 'Choose another product or day.';
    END IF;
    p_annual_rate_percent := coalesce(p_annual_rate_percent, v_product.default_rate_percent);
    v_problem := CASE
        WHEN (
            p_principal BETWEEN v_product.min_principal AND v_product.max_principal
        ) IS NOT true THEN format(
            'The principal is from %s to %s, not %s.', v_product.min_principal,
            v_product.max_principal, coalesce(p_principal::text, 'NULL')
        )
        WHEN (
            p_instalments BETWEEN v_product.min_instalments AND v_product.max_instalments
        ) IS NOT true THEN format(
            'Instalments are from %s to %s, not %s.', v_product.min_instalments,
            v_product.max_instalments, coalesce(p_instalments::text, 'NULL')
        )
        WHEN p_annual_rate_percent NOT BETWEEN
            v_product.min_rate_percent AND v_product.max_rate_percent
        THEN format(
            'The rate is from %s to %s percent a year, not %s.', v_product.min_rate_percent,
            v_product.max_rate_percent, p_annual_rate_percent
        )
    END;
    IF v_problem IS NOT NULL THEN
        RAISE EXCEPTION 'product % does not allow such a loan', p_product_code
        USING ERRCODE = 'ZO003',
            DETAIL = v_problem,
            HINT = 'Stay within the limits of the product, or choose another.';
    END IF;
    RETURN QUERY
    SELECT s.*
    FROM lending.preview_payment_schedule(
        p_principal, p_annual_rate_percent, p_instalments, p_disbursed_on, p_first_due_on,
        v_product.every::integer, v_product.frequency::text, v_product.method::text,
        v_product.interest_calculation::text, v_product.day_count::text,
        v_product.grace_principal::integer, v_product.grace_interest::integer,
        v_product.interest_free::integer, v_product.round_to, v_product.minor_units::integer,
        v_product.rounding::text
    ) AS s;
END;
$$;
COMMENT ON FUNCTION lending.preview_product_schedule(
    text, text, numeric, integer, date, date, numeric
) IS
'The instalments of a loan by a product of the business, or a shared one, as '
'lending.preview_payment_schedule makes them; p_annual_rate_percent NULL: the product''s default. '
'Raises ZI001 to ZI003 (token), ZI005, ZI007 (no such business, or not of the token; inactive), '
'ZO001 (no such product), ZO002 (inactive or not in effect on p_disbursed_on), ZO003 (beyond its '
'limits), 22023 (p_first_due_on, or a principal finer than the currency).';
