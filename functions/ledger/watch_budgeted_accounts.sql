-- A budget came into force or ceased to be: its accounts are watched accordingly.
CREATE OR REPLACE FUNCTION ledger.watch_budgeted_accounts()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- Budgets one at a time: one that comes into force has this lock, and some accounts, already.
    PERFORM FROM identity.tenants AS t WHERE t.id = NEW.tenant_id FOR NO KEY UPDATE;
    PERFORM ledger.refresh_watched(NEW.tenant_id, ARRAY(
        SELECT DISTINCT d.account_id
        FROM ledger.accounts_below(NEW.tenant_id, ARRAY(
            SELECT DISTINCT l.account_id
            FROM ledger.budget_lines AS l
            WHERE l.tenant_id = NEW.tenant_id
                AND l.budget_id = NEW.id
                AND l.business_id = NEW.business_id
                AND l.revision_no IN (OLD.current_revision, NEW.current_revision)
        )) AS d
    ));
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION ledger.watch_budgeted_accounts() IS
'Trigger (after update of status, policy or current_revision in ledger.budgets, each row): brings '
'is_watched of the accounts below its lines, the former ones too, up to date.';
