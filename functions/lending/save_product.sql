-- Put a loan product into the catalogue, or change what is said of it.
CREATE OR REPLACE FUNCTION lending.save_product(
    p_business_code text,
    p_code text,
    p_product jsonb,
    p_version integer DEFAULT NULL,
    p_tenant_id integer DEFAULT NULL
)
RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_business identity.businesses;
    v_product lending.products;
    v_is_new boolean;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'lending.manage_products');
    IF p_business_code IS NULL THEN
        PERFORM identity.require_all_businesses(
            'A product without a business is shared by all of them.'
        );
    ELSE
        v_business := identity.resolve_business(p_tenant_id, p_business_code);
    END IF;
    PERFORM core.require_known(p_product, ARRAY[
        'name', 'currency_code', 'minor_units', 'method', 'interest_calculation', 'day_count',
        'every', 'frequency', 'grace_principal', 'grace_interest', 'interest_free', 'round_to',
        'rounding', 'min_principal', 'max_principal', 'min_instalments', 'max_instalments',
        'min_rate_percent', 'default_rate_percent', 'max_rate_percent', 'penalty_rate_percent',
        'penalty_grace_days', 'penalty_cap_percent', 'allocation_order', 'allocate_by',
        'prepayment', 'effective_from', 'effective_to', 'is_active', 'fees'
    ]);
    SELECT p.* INTO v_product
    FROM lending.products AS p
    WHERE p.tenant_id = p_tenant_id AND p.code = p_code
        AND p.business_id IS NOT DISTINCT FROM v_business.id
    FOR NO KEY UPDATE;
    v_is_new := NOT FOUND;
    IF p_version <> coalesce(v_product.version, 0) THEN
        RAISE EXCEPTION 'product % was changed meanwhile', p_code
        USING ERRCODE = 'ZK001',
            DETAIL = format(
                'The version is %s, the change is of version %s.',
                coalesce(v_product.version, 0), p_version
            ),
            HINT = 'Read it again, and decide again.';
    END IF;
    IF v_is_new THEN
        v_product := jsonb_populate_record(NULL::lending.products, jsonb_build_object(
            'tenant_id', p_tenant_id, 'id', core.uuid_v7(), 'business_id', v_business.id,
            'code', p_code, 'version', 1,
            'currency_code', v_business.currency_code, 'minor_units', 2,
            'method', 'declining_equal_instalments', 'interest_calculation', 'period',
            'day_count', '30/360', 'every', 1, 'frequency', 'month', 'grace_principal', 0,
            'grace_interest', 0, 'interest_free', 0, 'rounding', 'half_even',
            'penalty_rate_percent', 0, 'penalty_grace_days', 0,
            'allocation_order', ARRAY['penalty', 'fee', 'interest', 'principal'],
            'allocate_by', 'kind', 'prepayment', 'advance', 'effective_from', current_date,
            'is_active', true
        ));
    END IF;
    v_product := jsonb_populate_record(v_product, p_product);
    IF v_is_new THEN
        INSERT INTO lending.products SELECT v_product.*;
    ELSE
        UPDATE lending.products AS p
        SET name = v_product.name,
            currency_code = v_product.currency_code,
            minor_units = v_product.minor_units,
            method = v_product.method,
            interest_calculation = v_product.interest_calculation,
            day_count = v_product.day_count,
            every = v_product.every,
            frequency = v_product.frequency,
            grace_principal = v_product.grace_principal,
            grace_interest = v_product.grace_interest,
            interest_free = v_product.interest_free,
            round_to = v_product.round_to,
            rounding = v_product.rounding,
            min_principal = v_product.min_principal,
            max_principal = v_product.max_principal,
            min_instalments = v_product.min_instalments,
            max_instalments = v_product.max_instalments,
            min_rate_percent = v_product.min_rate_percent,
            default_rate_percent = v_product.default_rate_percent,
            max_rate_percent = v_product.max_rate_percent,
            penalty_rate_percent = v_product.penalty_rate_percent,
            penalty_grace_days = v_product.penalty_grace_days,
            penalty_cap_percent = v_product.penalty_cap_percent,
            allocation_order = v_product.allocation_order,
            allocate_by = v_product.allocate_by,
            prepayment = v_product.prepayment,
            effective_from = v_product.effective_from,
            effective_to = v_product.effective_to,
            is_active = v_product.is_active
        WHERE p.tenant_id = p_tenant_id AND p.id = v_product.id;
    END IF;
    IF p_product ? 'fees' THEN
        PERFORM lending.replace_fees(p_tenant_id, v_product.id, p_product -> 'fees');
    END IF;
    RETURN v_product.id;
END;
$$;
COMMENT ON FUNCTION lending.save_product(text, text, jsonb, integer, integer) IS
'Makes a loan product of a business (NULL: shared by all), or changes what p_product names of it, '
'and returns its id. p_product, by columns of lending.products: {"name": "Season", '
'"min_principal": "100.00", "max_principal": "5000.00", "min_instalments": 3, "max_instalments": '
'12, "min_rate_percent": 12, "default_rate_percent": 18, "max_rate_percent": 24, "fees": [{"code": '
'"file", "name": "File fee", "occasion": "disbursement", "basis": "percent", "amount": "1.5"}]}. '
'Those are needed for a new one, of a shared one currency_code too; what else is not said is as '
'lending.preview_payment_schedule has it by default, without penalties, from today on. fees, if '
'given, replace all. p_version, if given, is the version that the caller has read, 0: none. Needs '
'lending.manage_products. Raises ZI001 to ZI007, ZI009 to ZI011 (token, business, permission), '
'ZK001 (changed meanwhile), ZO004 (currency or minor units would change; a fee is too fine), 22023 '
'(shape, unknown key), 23502, 23505, 23514, 22P02, 22003, 22007, 22008 (malformed).';
