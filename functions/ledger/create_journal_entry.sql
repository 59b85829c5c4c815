-- Make one journal entry, posted at once or as a draft.
CREATE OR REPLACE FUNCTION ledger.create_journal_entry(
    p_business_code text,
    p_entry_date date,
    p_description text,
    p_lines jsonb,
    p_status text DEFAULT 'POSTED',
    p_reference text DEFAULT NULL,
    p_idempotency_key text DEFAULT NULL,
    p_source_module text DEFAULT NULL,
    p_source_id text DEFAULT NULL,
    p_period_kind text DEFAULT 'regular',
    p_expected_versions jsonb DEFAULT NULL,
    p_tenant_id integer DEFAULT NULL
)
RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
-- Every statement finds its few rows by their keys, whatever the statistics say of tables that grow
-- by the minute; planning anew for each call would cost five times the work.
SET plan_cache_mode = 'force_generic_plan' SET enable_seqscan = off
AS $$
DECLARE
    v_business identity.businesses;
    v_entry_id uuid := core.uuid_v7();
    v_claimed_id uuid;
    v_entry ledger.journal_entries;
    v_count integer;
    v_is_sound boolean := false;
    v_total numeric;
    v_accounts uuid[];
    v_amounts numeric[];
BEGIN
    -- NULL: the token's tenant, so that the token is verified once and not for a default as well.
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'ledger.post');
    v_business := identity.resolve_business(p_tenant_id, p_business_code);
    IF p_status IS NULL OR p_status NOT IN ('DRAFT', 'POSTED') THEN
        RAISE EXCEPTION 'a new journal entry cannot be %', coalesce(p_status, 'NULL')
        USING ERRCODE = 'ZL016',
            HINT = 'Make it as DRAFT or POSTED.';
    END IF;
    IF p_period_kind IS NULL OR p_period_kind NOT IN ('regular', 'adjusting') THEN
        RAISE EXCEPTION 'a new entry cannot lie in a period of kind %',
            coalesce(p_period_kind, 'NULL')
        USING ERRCODE = 'ZL015',
            HINT = 'Use regular, or adjusting for period 13.';
    END IF;
    IF jsonb_typeof(p_lines) IS DISTINCT FROM 'array' THEN
        RAISE EXCEPTION 'the lines are not a JSON array'
        USING ERRCODE = 'ZL015',
            HINT = 'See the comment of the function for their shape.';
    END IF;
    IF p_source_module IS NOT NULL THEN
        PERFORM ledger.require_module(p_tenant_id, p_source_module);
    END IF;
    IF p_idempotency_key IS NOT NULL THEN
        v_claimed_id := ledger.claim_idempotency_key(
            p_tenant_id,
            p_idempotency_key,
            ledger.request_hash(
                p_business_code, p_entry_date, p_description, p_lines, p_status, p_reference,
                p_source_module, p_source_id, p_period_kind
            ),
            v_entry_id
        );
        IF v_claimed_id IS NULL THEN
            RAISE EXCEPTION 'idempotency key % belongs to another request', p_idempotency_key
            USING ERRCODE = 'ZL008',
                HINT = 'Use a new key for a new request.';
        ELSIF v_claimed_id <> v_entry_id THEN
            RETURN v_claimed_id;
        END IF;
    END IF;
    IF p_expected_versions IS NOT NULL THEN
        -- Heads come after the period and the accounts, for every path.
        PERFORM ledger.keep_periods(p_tenant_id, ARRAY(
            SELECT p.id
            FROM ledger.fiscal_periods AS p
            WHERE p.tenant_id = p_tenant_id
                AND p.business_id = v_business.id
                AND p.kind = p_period_kind::ledger.period_kind
                AND p_entry_date BETWEEN p.starts_on AND p.ends_on
        ));
        PERFORM ledger.keep_accounts(p_tenant_id, ARRAY(
            SELECT a.id
            FROM ledger.accounts AS a
            WHERE a.tenant_id = p_tenant_id
                AND (
                    p_expected_versions ? a.code::text
                    OR a.code IN (
                        SELECT l.line ->> 'account' FROM jsonb_array_elements(p_lines) AS l (line)
                    )
                )
        ));
        PERFORM ledger.require_versions(p_tenant_id, v_business.id, p_expected_versions);
    END IF;
    -- See the triggers of ledger.journal_entries, and then of ledger.journal_lines.
    PERFORM set_config('pgerp.posting', 'proved', true);
    INSERT INTO ledger.journal_entries (
        tenant_id, id, business_id, entry_date, status, description, reference, source_module,
        source_id, period_kind
    )
    VALUES (
        p_tenant_id, v_entry_id, v_business.id, p_entry_date, p_status::ledger.entry_status,
        p_description, p_reference, p_source_module, p_source_id,
        p_period_kind::ledger.period_kind
    )
    RETURNING * INTO v_entry;
    PERFORM set_config('pgerp.posting', 'function', true);
    -- Most entries are plain: account, amount, perhaps a description, in the functional currency.
    -- If any line is not, or is wrong, none is written here.
    WITH given AS MATERIALIZED (
        SELECT
            i.line_no,
            a.id AS account_id,
            i.line ->> 'description' AS description,
            CASE
                WHEN t.debit ~ '^[0-9]{1,16}([.][0-9]{1,4})?$' AND t.credit IS NULL
                    THEN t.debit::numeric
                WHEN t.credit ~ '^[0-9]{1,16}([.][0-9]{1,4})?$' AND t.debit IS NULL
                    THEN -t.credit::numeric
            END AS amount,
            a.id IS NOT NULL
            AND i.line - ARRAY['account', 'debit', 'credit', 'description'] = '{}'
            AND coalesce(length(i.line ->> 'description'), 0) <= 2000 AS is_plain
        FROM jsonb_array_elements(p_lines) WITH ORDINALITY AS i (line, line_no)
        CROSS JOIN LATERAL (
            SELECT
                i.line ->> 'debit' AS debit,
                i.line ->> 'credit' AS credit
        ) AS t
        -- LIMIT: one look at the key a line, whatever the planner thinks of the array's length.
        LEFT JOIN LATERAL (
            SELECT r.id
            FROM ledger.accounts AS r
            WHERE r.tenant_id = p_tenant_id
                AND r.code = i.line ->> 'account'
                AND r.is_postable
                AND r.is_active
                AND (r.business_id IS NULL OR r.business_id = v_business.id)
                AND (r.currency_code IS NULL OR r.currency_code = v_business.currency_code)
                AND (r.control_module IS NULL OR r.control_module = p_source_module)
            LIMIT 1
        ) AS a ON true
    ),

    written AS (
        INSERT INTO ledger.journal_lines (
            tenant_id, entry_id, line_no, account_id, business_id, entry_date, amount, description
        )
        SELECT
            p_tenant_id,
            v_entry_id,
            g.line_no,
            g.account_id,
            v_business.id,
            p_entry_date,
            g.amount,
            g.description
        FROM given AS g
        WHERE (
            SELECT bool_and(w.is_plain AND coalesce(w.amount, 0) <> 0)
            FROM given AS w
        )
        -- The order in which their foreign keys lock the accounts.
        ORDER BY g.account_id
        RETURNING account_id, amount, line_no
    )

    SELECT
        count(*),
        sum(w.amount),
        array_agg(w.account_id ORDER BY w.account_id, w.line_no),
        array_agg(w.amount ORDER BY w.account_id, w.line_no)
    INTO v_count, v_total, v_accounts, v_amounts
    FROM written AS w;
    IF v_count = 0 THEN
        PERFORM ledger.write_lines(v_entry, p_lines);
    ELSIF v_count <> jsonb_array_length(p_lines) THEN
        RAISE EXCEPTION '% of % journal lines were written', v_count, jsonb_array_length(p_lines)
        USING ERRCODE = 'internal_error',
            HINT = 'Nothing was kept. Something drops lines: look for triggers that are not ours.';
    ELSIF p_status = 'POSTED' THEN
        v_is_sound := ledger.add_to_balances(
            p_tenant_id, v_entry, v_business.currency_code, v_accounts, v_amounts
        );
    END IF;
    PERFORM set_config('pgerp.posting', '', true);
    -- What was stored is what counts: its sum, and the accounts as they are under our locks. Only
    -- plainly sound entries pass without being read again; so none is left for the commit.
    IF p_status = 'POSTED' AND (v_is_sound AND v_count >= 2 AND v_total = 0) IS NOT true THEN
        PERFORM ledger.require_sound_entry(v_entry);
    END IF;
    RETURN v_entry_id;
END;
$$;
COMMENT ON FUNCTION ledger.create_journal_entry(
    text, date, text, jsonb, text, text, text, text, text, text, jsonb, integer
) IS
'Makes a journal entry and returns its id. p_lines: [{"account": "1110", "debit": "100.00"}, '
'{"account": "4100", "credit": "100.00"}], optionally with currency and rate (functional units '
'for one of the currency), description, department, counterparty and due_date per line; amounts '
'have at most 4 decimals, as text or number. p_status: POSTED (balanced, two lines or more, open '
'period) or DRAFT. The same p_idempotency_key with the same request returns the same id. '
'p_source_module, p_source_id: what it records; a module with control accounts needs the '
'permission ledger.post_as.<module>. p_period_kind: regular, or adjusting for period 13. '
'p_expected_versions: {"1110": 17}, account code to the version that the account must still have. '
'Raises ZI001 to ZI007 (token, business), ZL001 (does not balance), ZL002 (period not open), '
'ZL003 (no period has the date), ZL005 (fewer than two lines), ZL007, ZL009, ZL010, ZL012, ZL014, '
'ZL021 (account), ZL008 (key belongs to another request), ZL011 (amount), ZL015 (shape of the '
'request), ZL016 (status), ZL030 to ZL033 (limits, versions), ZL097 (key of an event), 23502 (no '
'description), 23514 (a text is too long or malformed).';
