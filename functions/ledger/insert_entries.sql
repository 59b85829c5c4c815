-- Write entries with their lines, and bring the balances up to date, balance rows last.
CREATE OR REPLACE FUNCTION ledger.insert_entries(
    p_tenant_id integer,
    p_entries ledger.parsed_entry[],
    p_lines ledger.parsed_line[]
)
RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_lines bigint;
BEGIN
    PERFORM set_config('pgerp.posting', 'function', true);
    WITH entries AS (
        INSERT INTO ledger.journal_entries (
            tenant_id, id, business_id, entry_date, status, description, reference,
            source_module, source_id, period_kind
        )
        SELECT
            p_tenant_id,
            e.entry_id,
            e.business_id,
            e.entry_date,
            e.status::ledger.entry_status,
            e.description,
            e.reference,
            e.source_module,
            e.source_id,
            coalesce(e.period_kind, 'regular')::ledger.period_kind
        FROM unnest(p_entries) AS e
    )

    INSERT INTO ledger.journal_lines (
        tenant_id, entry_id, line_no, account_id, business_id, entry_date,
        amount, currency_code, currency_amount, exchange_rate, description,
        department_code, counterparty, due_date
    )
    SELECT
        p_tenant_id,
        l.entry_id,
        l.line_no,
        l.account_id,
        l.business_id,
        l.entry_date,
        l.amount,
        l.currency_code,
        l.currency_amount,
        l.exchange_rate,
        l.description,
        l.department_code,
        l.counterparty,
        l.due_date
    FROM unnest(p_lines) AS l;
    GET DIAGNOSTICS v_lines = ROW_COUNT;
    PERFORM set_config('pgerp.posting', '', true);
    IF v_lines <> cardinality(p_lines) THEN
        RAISE EXCEPTION '% of % journal lines were written', v_lines, cardinality(p_lines)
        USING ERRCODE = 'internal_error',
            HINT = 'Nothing was kept. This is a defect of pgerp: please report it.';
    END IF;
    PERFORM ledger.apply_to_balances(p_tenant_id, ARRAY(
        SELECT e.entry_id
        FROM unnest(p_entries) AS e
        WHERE e.status = 'POSTED'
    ));
END;
$$;
COMMENT ON FUNCTION ledger.insert_entries(integer, ledger.parsed_entry[], ledger.parsed_line[]) IS
'Inserts the given entries and lines, which have no problem, and adds those posted to the '
'balances. Internal: for functions that have entered the tenant. Raises what the triggers of the '
'journal raise, and XX000 when a line was not written.';
