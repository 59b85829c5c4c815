-- A budget keeps what its revisions were made for, takes the next revision when that is sound, and
-- comes into force only after those who are posting to its accounts have ended.
CREATE OR REPLACE FUNCTION ledger.guard_budget()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.current_revision > 0 THEN
            RAISE EXCEPTION 'budget % has revisions and cannot be deleted', OLD.code
            USING ERRCODE = 'ZF006',
                HINT = 'Close it with ledger.close_budget.';
        END IF;
        RETURN OLD;
    END IF;
    IF TG_OP = 'INSERT' THEN
        IF NEW.current_revision <> 0 THEN
            RAISE EXCEPTION 'a new budget has no revision yet'
            USING ERRCODE = 'ZF006',
                HINT = 'Insert its revision and lines, then set current_revision.';
        END IF;
        NEW.in_force_since := clock_timestamp();
        RETURN NEW;
    END IF;
    IF (NEW.tenant_id, NEW.id) IS DISTINCT FROM (OLD.tenant_id, OLD.id)
        OR OLD.current_revision > 0 AND (
            NEW.business_id, NEW.fiscal_year_id, NEW.bucket_interval, NEW.department_code
        ) IS DISTINCT FROM (
            OLD.business_id, OLD.fiscal_year_id, OLD.bucket_interval, OLD.department_code
        )
    THEN
        RAISE EXCEPTION 'business, year, interval and department of budget % cannot change',
            OLD.code
        USING ERRCODE = 'ZF006',
            HINT = 'Close it and make another budget.';
    END IF;
    IF NEW.current_revision <> OLD.current_revision THEN
        IF NEW.current_revision <> OLD.current_revision + 1 THEN
            RAISE EXCEPTION 'revision % of budget % cannot come into force',
                NEW.current_revision, OLD.code
            USING ERRCODE = 'ZF006',
                DETAIL = format('Revision %s is in force.', OLD.current_revision),
                HINT = 'Make a new revision with ledger.revise_budget.';
        END IF;
    END IF;
    IF (NEW.status, NEW.policy, NEW.current_revision, NEW.in_force_since)
        IS NOT DISTINCT FROM
        (OLD.status, OLD.policy, OLD.current_revision, OLD.in_force_since)
    THEN
        RETURN NEW;
    END IF;
    IF NEW.status = 'active' THEN
        PERFORM ledger.lock_budgeted_accounts(NEW.tenant_id, NEW.id, NEW.current_revision);
    END IF;
    IF NEW.current_revision <> OLD.current_revision THEN
        PERFORM ledger.require_sound_revision(NEW, NEW.current_revision);
    END IF;
    -- The clock's time, not the transaction's: whoever posted unjudged has begun before.
    NEW.in_force_since := clock_timestamp();
    RETURN NEW;
END;
$$;
COMMENT ON FUNCTION ledger.guard_budget() IS
'Trigger (before insert, update or delete of ledger.budgets, each row): sets in_force_since. '
'Raises ZF005 (lines of the revision), ZF006 (a revision out of turn, or business, year, interval '
'or department change), ZL012 (account of another business), 25001 outside READ COMMITTED.';
