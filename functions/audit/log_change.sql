-- Write down what happened to a row, with who did it and from where.
-- As few expressions as can be, and no function that another could replace: each costs a look-up
-- of rights and a state of its own, once a transaction (docs/adr/0009).
CREATE OR REPLACE FUNCTION audit.log_change()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    -- NULL where the action has none.
    v_old jsonb := to_jsonb(OLD);
    v_new jsonb := to_jsonb(NEW);
    v_key text;
    -- Also where no tenant is entered: a foreign key that cascades runs as the owner.
    v_is_special boolean := TG_NARGS > 4
        OR coalesce(current_setting('pgerp.tenant_id', true), '') = '';
    v_entered text;
    v_masked record;
BEGIN
    IF v_is_special THEN
        v_key := audit.key_of(coalesce(v_new, v_old), TG_ARGV[1]);
        -- Row security lets the owner write for the tenant that it has entered.
        v_entered := current_setting('pgerp.tenant_id', true);
        PERFORM set_config(
            'pgerp.tenant_id', coalesce(coalesce(v_new, v_old) ->> TG_ARGV[2], '0'), true
        );
        v_masked := audit.mask(v_old, v_new, TG_ARGV[4]);
        v_old := v_masked.old_row;
        v_new := v_masked.new_row;
    END IF;
    INSERT INTO audit.log (
        tenant_id,
        business_id,
        table_name,
        row_key,
        action,
        old_row,
        new_row,
        actor,
        logged_at,
        address,
        application,
        user_agent,
        correlation_id,
        transaction_id
    )
    VALUES (
        coalesce((coalesce(v_new, v_old) ->> TG_ARGV[2])::integer, 0),
        (coalesce(v_new, v_old) ->> TG_ARGV[3])::integer,
        TG_ARGV[0],
        coalesce(v_key, coalesce(v_new, v_old) ->> TG_ARGV[1]),
        TG_OP::audit.change_action,
        v_old,
        v_new,
        core.current_actor(),
        clock_timestamp(),
        inet_client_addr(),
        current_setting('application_name'),
        -- Set by identity.enter_tenant from the verified token.
        CASE WHEN current_user = 'pgerp_owner'
            THEN nullif(current_setting('pgerp.user_agent', true), '')
        END,
        CASE WHEN current_user = 'pgerp_owner'
            THEN nullif(current_setting('pgerp.correlation_id', true), '')
        END,
        pg_current_xact_id()
    );
    IF v_is_special THEN
        PERFORM set_config('pgerp.tenant_id', coalesce(v_entered, ''), true);
    END IF;
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION audit.log_change() IS
'Trigger (after insert, update or delete, each row; made by audit.apply_triggers; arguments: the '
'table''s name, the columns of its key without tenant_id, its column of the tenant, its column of '
'the business; for tables that are masked, have no tenant_id or a key of several columns also the '
'sensitive columns). Writes to audit.log. Runs as whoever writes, so that core.current_actor tells '
'who that is: a role that may write a table but not the log is refused (42501).';
