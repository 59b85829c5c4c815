-- Write entries with their lines, prove them, and bring the balances up to date, balance rows last.
CREATE OR REPLACE FUNCTION ledger.insert_entries(
    p_tenant_id integer,
    p_entries ledger.parsed_entry[],
    p_lines ledger.parsed_line[]
)
RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
-- Also for the checks of foreign keys: with few statistics PostgreSQL plans the look for a line's
-- entry among the partitions anew for each line, at five times what the look itself costs.
SET plan_cache_mode = 'force_generic_plan' SET enable_seqscan = off
AS $$
DECLARE
    v_actor text := core.current_actor();
    v_posted uuid[] := ARRAY(
        SELECT e.entry_id
        FROM unnest(p_entries) AS e
        WHERE e.status = 'POSTED'
    );
    v_open uuid[];
    v_entries bigint;
    v_lines bigint;
    v_proof ledger.batch_proof;
BEGIN
    -- Whoever closes a period waits for us, or we for him, and then see what he did; what
    -- ledger.prepare_journal_entry asks for each entry, asked once for each period.
    -- All are locked in their order, those that are not open too.
    SELECT coalesce(array_agg(l.id) FILTER (WHERE l.status = 'open'), '{}') INTO v_open
    FROM (
        SELECT
            p.id,
            p.status
        FROM (
            SELECT
                e.period_id,
                e.business_id,
                e.period_kind,
                min(e.entry_date) AS first_date,
                max(e.entry_date) AS last_date
            FROM unnest(p_entries) AS e
            GROUP BY e.period_id, e.business_id, e.period_kind
        ) AS g
        INNER JOIN ledger.fiscal_periods AS p
            ON p.tenant_id = p_tenant_id
            AND p.business_id = g.business_id
            AND p.id = g.period_id
            AND p.kind = g.period_kind::ledger.period_kind
            AND p.starts_on <= g.first_date
            AND p.ends_on >= g.last_date
        ORDER BY p.id
        FOR KEY SHARE OF p
    ) AS l;
    -- See the triggers of ledger.journal_entries.
    PERFORM set_config('pgerp.posting', 'proved', true);
    INSERT INTO ledger.journal_entries (
        tenant_id, id, business_id, entry_date, status, description, reference,
        source_module, source_id, period_kind, period_id, entry_number, posted_at,
        created_at, created_by, last_modified_at, last_modified_by
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
        e.period_kind::ledger.period_kind,
        e.period_id,
        nextval('ledger.entry_numbers'),
        CASE WHEN e.status = 'POSTED' THEN now() END,
        now(),
        v_actor,
        now(),
        v_actor
    FROM unnest(p_entries) AS e
    WHERE e.period_id = ANY (v_open);
    GET DIAGNOSTICS v_entries = ROW_COUNT;
    -- See the triggers of ledger.journal_lines.
    PERFORM set_config('pgerp.posting', 'function', true);
    IF v_entries < cardinality(p_entries) THEN
        -- Drafts and soft-closed periods; or the period was closed meanwhile, and this raises it.
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
        WHERE (e.period_id = ANY (v_open)) IS NOT true;
    END IF;
    -- Their foreign keys would lock the accounts in the order of the lines.
    PERFORM ledger.keep_accounts(p_tenant_id, ARRAY(
        SELECT DISTINCT l.account_id FROM unnest(p_lines) AS l
    ));
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
    IF v_posted = '{}' THEN
        RETURN;
    END IF;
    v_proof := ledger.prove_entries(p_tenant_id, v_posted);
    IF v_proof.doubtful <> '{}' THEN
        PERFORM ledger.require_sound_entry(e)
        FROM ledger.journal_entries AS e
        WHERE e.tenant_id = p_tenant_id AND e.id = ANY (v_proof.doubtful);
    END IF;
    IF v_proof.is_watched THEN
        PERFORM ledger.apply_to_balances(p_tenant_id, v_posted);
        RETURN;
    END IF;
    INSERT INTO ledger.account_balances AS b (
        tenant_id, account_id, business_id, period_id, currency_code, stripe,
        debit, credit, currency_amount
    )
    SELECT
        p_tenant_id,
        c.account_id,
        c.business_id,
        c.period_id,
        c.currency_code,
        c.stripe,
        c.debit,
        c.credit,
        c.currency_amount
    FROM unnest(v_proof.changes) AS c
    ON CONFLICT (tenant_id, account_id, business_id, period_id, currency_code, stripe)
    DO UPDATE SET
        debit = b.debit + excluded.debit,
        credit = b.credit + excluded.credit,
        currency_amount = b.currency_amount + excluded.currency_amount;
END;
$$;
COMMENT ON FUNCTION ledger.insert_entries(integer, ledger.parsed_entry[], ledger.parsed_line[]) IS
'Inserts the given entries and lines, which have no problem, proves those posted and adds them to '
'the balances. Internal: for functions that have entered the tenant. Raises what the triggers of '
'the journal and ledger.require_sound_entry raise, ZL030, ZL031 (limits), ZF001 (budget), and '
'XX000 when a line was not written.';
