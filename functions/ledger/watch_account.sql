-- An account says itself whether postings to it must be looked at.
CREATE OR REPLACE FUNCTION ledger.watch_account()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_tenant text := current_setting('pgerp.tenant_id', true);
BEGIN
    PERFORM set_config('pgerp.tenant_id', NEW.tenant_id::text, true);
    NEW.is_watched := ledger.needs_watching(NEW);
    -- The row is yet to be judged by the policies, which must not go by its own word.
    PERFORM set_config('pgerp.tenant_id', v_tenant, true);
    RETURN NEW;
END;
$$;
COMMENT ON FUNCTION ledger.watch_account() IS
'Trigger (before insert or update of ledger.accounts, each row): sets is_watched, whatever is '
'given. Runs as the owner, who sees the budgets of all businesses: a writer may not.';
