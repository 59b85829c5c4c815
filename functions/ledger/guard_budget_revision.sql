-- A revision and its lines are written before it comes into force; then they never change.
CREATE OR REPLACE FUNCTION ledger.guard_budget_revision()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_current integer;
BEGIN
    IF TG_OP <> 'INSERT' THEN
        -- The lock makes a concurrent revision wait for this change, or this change for it.
        SELECT b.current_revision INTO v_current
        FROM ledger.budgets AS b
        WHERE b.tenant_id = OLD.tenant_id AND b.id = OLD.budget_id
        FOR SHARE;
        IF OLD.revision_no <= v_current THEN
            RAISE EXCEPTION 'revision % of the budget is or was in force and cannot change',
                OLD.revision_no
            USING ERRCODE = 'ZF006',
                HINT = 'Make a new revision with ledger.revise_budget.';
        END IF;
        IF TG_OP = 'DELETE' THEN
            RETURN OLD;
        END IF;
    END IF;
    SELECT b.current_revision INTO v_current
    FROM ledger.budgets AS b
    WHERE b.tenant_id = NEW.tenant_id AND b.id = NEW.budget_id
    FOR SHARE;
    -- Not found: the foreign key answers.
    IF FOUND AND NEW.revision_no <> v_current + 1 THEN
        RAISE EXCEPTION 'revision % of the budget cannot be written', NEW.revision_no
        USING ERRCODE = 'ZF006',
            DETAIL = format('Revision %s is in force; the next is %s.', v_current, v_current + 1),
            HINT = 'Make a new revision with ledger.revise_budget.';
    END IF;
    RETURN NEW;
END;
$$;
COMMENT ON FUNCTION ledger.guard_budget_revision() IS
'Trigger (before insert, update or delete of ledger.budget_revisions and ledger.budget_lines, each '
'row). Raises ZF006 unless the revision is the one that comes next.';
