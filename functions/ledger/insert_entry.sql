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
    p_entry_id uuid DEFAULT core.uuid_v7(),
    p_is_last boolean DEFAULT false
)
RETURNS uuid
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
-- Every statement finds its few rows by their keys: see ledger.create_journal_entry.
SET plan_cache_mode = 'force_generic_plan' SET enable_seqscan = off
AS $$
DECLARE
    v_entry ledger.journal_entries;
    v_written record;
    v_is_sound boolean := false;
BEGIN
    -- See the triggers of ledger.journal_entries, and then of ledger.journal_lines.
    PERFORM set_config(
        'pgerp.posting', CASE WHEN p_is_last THEN 'proved' ELSE 'function' END, true
    );
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
    PERFORM set_config('pgerp.posting', 'function', true);
    PERFORM ledger.insert_lines(
        p_tenant_id, p_entry_id, p_business_id, p_entry_date, p_lines
    );
    PERFORM set_config('pgerp.posting', '', true);
    IF p_status = 'POSTED' THEN
        -- What was stored is what counts.
        SELECT
            count(*) AS lines,
            sum(l.amount) AS total,
            bool_and(l.currency_code IS NULL) AS is_functional,
            array_agg(l.account_id ORDER BY l.account_id, l.line_no) AS account_ids,
            array_agg(l.amount ORDER BY l.account_id, l.line_no) AS amounts
        INTO v_written
        FROM ledger.journal_lines AS l
        WHERE l.tenant_id = p_tenant_id AND l.entry_id = p_entry_id;
        IF v_written.is_functional THEN
            v_is_sound := ledger.add_to_balances(
                p_tenant_id,
                v_entry,
                (
                    SELECT b.currency_code
                    FROM identity.businesses AS b
                    WHERE b.tenant_id = p_tenant_id AND b.id = p_business_id
                ),
                v_written.account_ids,
                v_written.amounts
            );
        ELSE
            PERFORM ledger.apply_to_balances(p_tenant_id, ARRAY[p_entry_id]);
        END IF;
        -- Only plainly sound entries pass without being read again.
        IF (v_is_sound AND v_written.lines >= 2 AND v_written.total = 0) IS NOT true THEN
            PERFORM ledger.require_sound_entry(v_entry);
        END IF;
    END IF;
    RETURN p_entry_id;
END;
$$;
COMMENT ON FUNCTION ledger.insert_entry(
    integer, integer, date, text, text, ledger.new_line[], text, text, text, text, uuid, boolean
) IS
'Inserts an entry with its lines (numbered by their place), adds it to the balances and checks it '
'when its status is POSTED, and returns its id. p_is_last: nothing that the caller does after it '
'concerns the entry, so it is not checked again at commit. Internal: for functions that have '
'entered the tenant. Raises what ledger.prepare_journal_entry and ledger.require_sound_entry '
'raise, and ZL030, ZL031 (limits).';
