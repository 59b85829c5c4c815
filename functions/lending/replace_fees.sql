-- The fees of a product, instead of those that it has.
CREATE OR REPLACE FUNCTION lending.replace_fees(
    p_tenant_id integer,
    p_product_id uuid,
    p_fees jsonb
)
RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF jsonb_typeof(p_fees) IS DISTINCT FROM 'array' THEN
        RAISE EXCEPTION 'fees are not a list'
        USING ERRCODE = 'invalid_parameter_value',
            HINT = 'See the comment of lending.save_product for their shape; [] is none.';
    END IF;
    PERFORM core.require_known(f.fee, ARRAY['code', 'name', 'occasion', 'basis', 'amount'])
    FROM jsonb_array_elements(p_fees) AS f (fee);
    DELETE FROM lending.product_fees AS f
    WHERE f.tenant_id = p_tenant_id AND f.product_id = p_product_id;
    INSERT INTO lending.product_fees (
        tenant_id, product_id, code, name, occasion, basis, amount
    )
    SELECT
        p_tenant_id,
        p_product_id,
        f.code,
        f.name,
        f.occasion,
        f.basis,
        f.amount
    FROM jsonb_populate_recordset(NULL::lending.product_fees, p_fees) AS f;
END;
$$;
COMMENT ON FUNCTION lending.replace_fees(integer, uuid, jsonb) IS
'Has a product, whose row is locked, have these fees and no others. Raises 22023 (shape, unknown '
'key), ZO004 (finer than the currency), 23502, 23505, 23514, 22P02 (malformed). Internal.';
