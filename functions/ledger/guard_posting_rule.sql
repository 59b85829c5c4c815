-- A rule keeps what its revisions were made for, and takes the next revision when that is sound.
CREATE OR REPLACE FUNCTION ledger.guard_posting_rule()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_problem text;
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.current_revision > 0 THEN
            RAISE EXCEPTION 'the posting rule of % has revisions and cannot be deleted',
                OLD.event_type
            USING ERRCODE = 'ZL094',
                HINT = 'Stop it with ledger.set_posting_rule_active.';
        END IF;
        RETURN OLD;
    END IF;
    IF TG_OP = 'INSERT' THEN
        IF NEW.current_revision <> 0 THEN
            RAISE EXCEPTION 'a new posting rule has no revision yet'
            USING ERRCODE = 'ZL094',
                HINT = 'Use ledger.save_posting_rule.';
        END IF;
        RETURN NEW;
    END IF;
    IF (NEW.tenant_id, NEW.id, NEW.business_id, NEW.event_type)
        IS DISTINCT FROM (OLD.tenant_id, OLD.id, OLD.business_id, OLD.event_type)
        OR NEW.current_revision NOT IN (OLD.current_revision, OLD.current_revision + 1)
    THEN
        RAISE EXCEPTION 'the posting rule of % keeps its type, its business and its revisions',
            OLD.event_type
        USING ERRCODE = 'ZL094',
            DETAIL = format('Revision %s is in force.', OLD.current_revision),
            HINT = 'Make another rule, or the next revision, with ledger.save_posting_rule.';
    END IF;
    IF NEW.current_revision > OLD.current_revision OR (NEW.is_active AND NOT OLD.is_active) THEN
        v_problem := ledger.posting_rule_problem(NEW, NEW.current_revision);
        IF v_problem IS NOT NULL THEN
            RAISE EXCEPTION 'posting rule of %: %', NEW.event_type, substr(v_problem, 7)
            USING ERRCODE = left(v_problem, 5),
                HINT = CASE left(v_problem, 5)
                    WHEN 'ZL093' THEN 'Debits equal credits under each condition, by the sums '
                        'that events.event_types.identities promises.'
                    WHEN 'ZL092' THEN 'See events.event_types for the payload of the type.'
                    ELSE 'Name another account or role, or change that one.'
                END;
        END IF;
    END IF;
    RETURN NEW;
END;
$$;
COMMENT ON FUNCTION ledger.guard_posting_rule() IS
'Trigger (before insert, update or delete of ledger.posting_rules, each row). Raises ZL094 (type, '
'business or past revisions would change or go), and what ledger.posting_rule_problem says of a '
'revision that comes into force, or of a rule that is made active.';
