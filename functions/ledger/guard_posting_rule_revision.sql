-- A revision and its lines are written before it comes into force; then they never change.
CREATE OR REPLACE FUNCTION ledger.guard_posting_rule_revision()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_rule record;
BEGIN
    IF TG_OP <> 'INSERT' THEN
        -- The lock makes a concurrent revision wait for this change, or this change for it.
        SELECT r.current_revision INTO v_rule
        FROM ledger.posting_rules AS r
        WHERE r.tenant_id = OLD.tenant_id AND r.id = OLD.rule_id
        FOR SHARE;
        IF OLD.revision_no <= v_rule.current_revision THEN
            RAISE EXCEPTION 'revision % of the posting rule is or was in force and cannot change',
                OLD.revision_no
            USING ERRCODE = 'ZL094',
                HINT = 'Make a new revision with ledger.save_posting_rule.';
        END IF;
        IF TG_OP = 'DELETE' THEN
            RETURN OLD;
        END IF;
    END IF;
    SELECT
        r.current_revision,
        r.business_id
    INTO v_rule
    FROM ledger.posting_rules AS r
    WHERE r.tenant_id = NEW.tenant_id AND r.id = NEW.rule_id
    FOR SHARE;
    -- Not found: the foreign key answers.
    IF FOUND AND NEW.revision_no <> v_rule.current_revision + 1 THEN
        RAISE EXCEPTION 'revision % of the posting rule cannot be written', NEW.revision_no
        USING ERRCODE = 'ZL094',
            DETAIL = format(
                'Revision %s is in force; the next is %s.', v_rule.current_revision,
                v_rule.current_revision + 1
            ),
            HINT = 'Make a new revision with ledger.save_posting_rule.';
    END IF;
    NEW.business_id := v_rule.business_id;
    RETURN NEW;
END;
$$;
COMMENT ON FUNCTION ledger.guard_posting_rule_revision() IS
'Trigger (before insert, update or delete of ledger.posting_rule_revisions and '
'ledger.posting_rule_lines, each row): sets business_id. Raises ZL094 unless the revision is the '
'one that comes next.';
