-- Every change of a period's status is on record, whoever makes it.
CREATE OR REPLACE FUNCTION ledger.log_period_change()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_old ledger.period_status := CASE WHEN TG_OP = 'UPDATE' THEN OLD.status END;
BEGIN
    IF NEW.status IS NOT DISTINCT FROM coalesce(v_old, 'open') THEN
        RETURN NULL;
    END IF;
    INSERT INTO ledger.period_events (
        tenant_id, business_id, period_id, action, old_status, new_status, reason
    )
    VALUES (
        NEW.tenant_id,
        NEW.business_id,
        NEW.id,
        CASE
            WHEN NEW.status < v_old THEN 'reopened'
            ELSE NEW.status::text
        END::ledger.period_action,
        v_old,
        NEW.status,
        nullif(current_setting('pgerp.period_reason', true), '')
    );
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION ledger.log_period_change() IS
'Trigger (after insert or update of ledger.fiscal_periods, each row): writes changes of status to '
'ledger.period_events, with the reason in the setting pgerp.period_reason.';
