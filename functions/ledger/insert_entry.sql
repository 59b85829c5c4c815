-- Write one entry whose lines are resolved: how every function of the ledger makes one.
CREATE OR REPLACE FUNCTION ledger.insert_entry(
    p_tenant_id integer,
    p_business_id integer,
    p_entry_date date,
    p_status text,
    p_description text,
    p_lines ledger.new_line[],
    p_reference text DEFAULT NULL,
    p_source_module text DEFAULT NULL,
    p_source_id text DEFAULT NULL,
    p_period_kind text DEFAULT 'regular',
    p_entry_id uuid DEFAULT core.uuid_v7()
)
RETURNS uuid
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_entry ledger.journal_entries;
BEGIN
    -- See the triggers of ledger.journal_lines.
    PERFORM set_config('pgerp.posting', 'function', true);
    INSERT INTO ledger.journal_entries (
        tenant_id, id, business_id, entry_date, status, description, reference, source_module,
        source_id, period_kind
    )
    VALUES (
        p_tenant_id, p_entry_id, p_business_id, p_entry_date, p_status::ledger.entry_status,
        p_description, p_reference, p_source_module, p_source_id,
        p_period_kind::ledger.period_kind
    )
    RETURNING * INTO v_entry;
    PERFORM ledger.insert_lines(
        p_tenant_id, p_entry_id, p_business_id, p_entry_date, p_lines
    );
    PERFORM set_config('pgerp.posting', '', true);
    IF p_status = 'POSTED' THEN
        PERFORM ledger.apply_to_balances(p_tenant_id, ARRAY[p_entry_id]);
        PERFORM ledger.require_sound_entry(v_entry);
    END IF;
    RETURN p_entry_id;
END;
$$;
COMMENT ON FUNCTION ledger.insert_entry(
    integer, integer, date, text, text, ledger.new_line[], text, text, text, text, uuid
) IS
'Inserts an entry with its lines (numbered by their place), adds it to the balances and checks it '
'when its status is POSTED, and returns its id. Internal: for functions that have entered the '
'tenant. Raises what ledger.prepare_journal_entry and ledger.require_sound_entry raise, and ZL030, '
'ZL031 (limits).';
