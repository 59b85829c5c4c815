-- without: finance
-- Tell a finance that is in another database what an account is.
CREATE OR REPLACE FUNCTION ledger.emit_account()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM set_config('pgerp.tenant_id', NEW.tenant_id::text, true);
    -- A database that is no service's has nobody to tell.
    IF EXISTS (SELECT FROM events.settings AS s WHERE s.service <> 'pgerp') THEN
        PERFORM events.emit(
            NEW.tenant_id,
            'ledger.account_saved',
            NEW.id::text,
            jsonb_build_object(
                'account_id', NEW.id,
                'code', NEW.code,
                'name', NEW.name,
                'type', NEW.type_code
            ),
            NEW.business_id
        );
    END IF;
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION ledger.emit_account() IS
'Trigger (after insert, or update of business, code, name or type; each row of ledger.accounts): '
'emits ledger.account_saved where this database is that of a service, and finance is in another '
'one. Raises what events.emit raises.';
