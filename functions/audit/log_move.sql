-- A row that got another key is gone under its old one; no row goes to another tenant.
CREATE OR REPLACE FUNCTION audit.log_move()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_old jsonb := to_jsonb(OLD);
    v_new jsonb := to_jsonb(NEW);
    v_key text := audit.key_of(v_old, TG_ARGV[1]);
    v_entered text := current_setting('pgerp.tenant_id', true);
BEGIN
    IF v_old -> TG_ARGV[2] <> v_new -> TG_ARGV[2] THEN
        RAISE EXCEPTION 'a row of % would go to another tenant', TG_ARGV[0]
        USING ERRCODE = 'ZA007',
            DETAIL = format('From %s to %s.', v_old -> TG_ARGV[2], v_new -> TG_ARGV[2]),
            HINT = 'Make a new row there.';
    END IF;
    IF v_key = audit.key_of(v_new, TG_ARGV[1]) THEN
        RETURN NULL;
    END IF;
    PERFORM set_config('pgerp.tenant_id', coalesce(v_old ->> TG_ARGV[2], '0'), true);
    INSERT INTO audit.log (
        tenant_id, business_id, table_name, row_key, action, old_row, actor, logged_at, address,
        application, transaction_id
    )
    SELECT
        coalesce((v_old ->> TG_ARGV[2])::integer, 0),
        (v_old ->> TG_ARGV[3])::integer,
        TG_ARGV[0],
        v_key,
        'DELETE',
        m.old_row,
        core.current_actor(),
        clock_timestamp(),
        inet_client_addr(),
        current_setting('application_name'),
        pg_current_xact_id()
    FROM audit.mask(v_old, NULL, TG_ARGV[4]) AS m;
    PERFORM set_config('pgerp.tenant_id', coalesce(v_entered, ''), true);
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION audit.log_move() IS
'Trigger (after update of the columns of the key, each row; made by audit.apply_triggers; '
'arguments as those of audit.log_change, all five). After audit.log_change has logged the UPDATE '
'under the new key, logs a DELETE under the old one, if it is another. Raises ZA007 (another '
'tenant).';
