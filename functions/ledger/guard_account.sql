-- The tree of accounts has no loops, nothing shared hangs under a business's own account, and what
-- statements rest on does not change once an account has lines.
CREATE OR REPLACE FUNCTION ledger.guard_account()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_parent ledger.accounts;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        PERFORM FROM ledger.accounts AS a
        WHERE a.tenant_id = OLD.tenant_id AND a.id = OLD.id
        FOR UPDATE;
        IF (NEW.tenant_id, NEW.id, NEW.business_id, NEW.type_code, NEW.currency_code)
            IS DISTINCT FROM
            (OLD.tenant_id, OLD.id, OLD.business_id, OLD.type_code, OLD.currency_code)
            AND EXISTS (
                SELECT FROM ledger.all_journal_lines AS l
                WHERE l.tenant_id = OLD.tenant_id AND l.account_id = OLD.id
            )
        THEN
            RAISE EXCEPTION 'account % has lines: its business, type and currency cannot change',
                OLD.code
            USING ERRCODE = 'ZL018',
                HINT = 'Make another account and set is_active of this one to false.';
        END IF;
    END IF;
    IF NEW.parent_id IS NULL OR (
        TG_OP = 'UPDATE' AND NEW.parent_id IS NOT DISTINCT FROM OLD.parent_id
        AND NEW.business_id IS NOT DISTINCT FROM OLD.business_id
    ) THEN
        RETURN NEW;
    END IF;
    -- Two at once could close a loop that neither sees.
    PERFORM FROM identity.tenants AS t WHERE t.id = NEW.tenant_id FOR NO KEY UPDATE;
    SELECT a.* INTO v_parent
    FROM ledger.accounts AS a
    WHERE a.tenant_id = NEW.tenant_id AND a.id = NEW.parent_id;
    IF v_parent.business_id IS NOT NULL
        AND v_parent.business_id IS DISTINCT FROM NEW.business_id
    THEN
        RAISE EXCEPTION 'account % cannot be under account %', NEW.code, v_parent.code
        USING ERRCODE = 'ZL012',
            DETAIL = 'The parent belongs to one business, the account to another or to all.',
            HINT = 'Choose a shared parent, or one of the same business.';
    END IF;
    WHILE v_parent.id IS NOT NULL LOOP
        IF v_parent.id = NEW.id THEN
            RAISE EXCEPTION 'account % would be its own ancestor', NEW.code
            USING ERRCODE = 'ZL019',
                HINT = 'Choose a parent that is not below the account.';
        END IF;
        SELECT a.* INTO v_parent
        FROM ledger.accounts AS a
        WHERE a.tenant_id = NEW.tenant_id AND a.id = v_parent.parent_id;
    END LOOP;
    RETURN NEW;
END;
$$;
COMMENT ON FUNCTION ledger.guard_account() IS
'Trigger (before insert or update of ledger.accounts, each row). Raises ZL012 (parent of another '
'business), ZL018 (has lines: business, type and currency are fixed), ZL019 (loop in the tree).';
