-- A product stays the one that it is known as, and in the unit that its fees are in.
CREATE OR REPLACE FUNCTION lending.guard_product()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF (NEW.tenant_id, NEW.id, NEW.code, NEW.currency_code, NEW.minor_units) IS DISTINCT FROM
        (OLD.tenant_id, OLD.id, OLD.code, OLD.currency_code, OLD.minor_units)
        OR NEW.business_id IS DISTINCT FROM OLD.business_id
    THEN
        RAISE EXCEPTION 'code, business, currency and minor units of product % stay', OLD.code
        USING ERRCODE = 'ZO004',
            HINT = 'Make another product, and set is_active of this one to false.';
    END IF;
    RETURN NEW;
END;
$$;
COMMENT ON FUNCTION lending.guard_product() IS
'Trigger (before update of lending.products, each row): raises ZO004 where what a product is known '
'by, its currency or its unit would change.';
