-- An account moves in the chart: it comes under the budgets of those above it, with all below it.
CREATE OR REPLACE FUNCTION ledger.watch_moved_account()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_above uuid[] := ledger.accounts_above(NEW.tenant_id, NEW.parent_id);
    v_below uuid[] := ARRAY(
        SELECT d.account_id FROM ledger.accounts_below(NEW.tenant_id, ARRAY[NEW.id]) AS d
    );
    v_budget text;
BEGIN
    SELECT b.code INTO v_budget
    FROM ledger.budget_lines AS l
    INNER JOIN ledger.budgets AS b
        ON b.tenant_id = l.tenant_id AND b.id = l.budget_id AND b.current_revision = l.revision_no
    INNER JOIN ledger.budget_lines AS o
        ON o.tenant_id = l.tenant_id
        AND o.budget_id = l.budget_id
        AND o.business_id = l.business_id
        AND o.revision_no = l.revision_no
        AND o.account_id = ANY (v_below)
    WHERE l.tenant_id = NEW.tenant_id AND l.account_id = ANY (v_above)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'account % would count twice in budget %', NEW.code, v_budget
        USING ERRCODE = 'ZF005',
            DETAIL = 'The budget plans it, or an account below it, and one above its new place.',
            HINT = 'Revise the budget first, or choose another parent.';
    END IF;
    -- What was posted to it before counts from now on, unjudged.
    UPDATE ledger.budgets AS b
    SET in_force_since = clock_timestamp()
    WHERE b.tenant_id = NEW.tenant_id
        AND b.status = 'active'
        AND b.policy <> 'ignore'
        AND EXISTS (
            SELECT
            FROM ledger.budget_lines AS l
            WHERE l.tenant_id = b.tenant_id
                AND l.budget_id = b.id
                AND l.business_id = b.business_id
                AND l.revision_no = b.current_revision
                AND l.account_id = ANY (v_above)
        );
    PERFORM ledger.refresh_watched(NEW.tenant_id, v_below);
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION ledger.watch_moved_account() IS
'Trigger (after update of parent_id in ledger.accounts, each row): brings is_watched of '
'the account and all below it up to date with the budgets above. Raises ZF005 when a budget would '
'count an account twice, 25001 when it moves under a budget in force outside READ COMMITTED.';
