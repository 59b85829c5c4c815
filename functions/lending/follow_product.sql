-- A fee is of the business of its product, and in its unit.
CREATE OR REPLACE FUNCTION lending.follow_product()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_product record;
BEGIN
    SELECT
        p.business_id,
        p.minor_units
    INTO v_product
    FROM lending.products AS p
    WHERE p.tenant_id = NEW.tenant_id AND p.id = NEW.product_id;
    -- Not found: the foreign key answers.
    IF NEW.basis = 'flat' AND scale(trim_scale(NEW.amount)) > v_product.minor_units THEN
        RAISE EXCEPTION 'fee % is finer than its currency', NEW.code
        USING ERRCODE = 'ZO004',
            DETAIL = format(
                'It is %s, the product has %s decimals.', NEW.amount, v_product.minor_units
            ),
            HINT = 'Give it with no more decimals than the product has.';
    END IF;
    NEW.business_id := v_product.business_id;
    RETURN NEW;
END;
$$;
COMMENT ON FUNCTION lending.follow_product() IS
'Trigger (before insert or update of lending.product_fees, each row): sets business_id. Raises '
'ZO004 where the amount has more decimals than the currency of the product.';
