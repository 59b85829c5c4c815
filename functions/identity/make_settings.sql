-- Each business has its row of settings.
CREATE OR REPLACE FUNCTION identity.make_settings()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM set_config('pgerp.tenant_id', NEW.tenant_id::text, true);
    INSERT INTO identity.business_settings (tenant_id, business_id) VALUES (NEW.tenant_id, NEW.id);
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION identity.make_settings() IS
'Trigger of identity.businesses (after insert, each row): makes the settings of the business.';
