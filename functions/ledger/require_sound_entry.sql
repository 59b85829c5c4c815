-- What every posted entry must be, in one place for every way of posting.
CREATE OR REPLACE FUNCTION ledger.require_sound_entry(p_entry ledger.journal_entries)
RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
-- The few lines are found by their key, whatever the statistics say of tables that grow by the
-- minute.
SET plan_cache_mode = 'force_generic_plan' SET enable_seqscan = off
AS $$
DECLARE
    v_count bigint;
    v_total numeric;
    v_all_well boolean;
    v_has_currency boolean;
    v_bad record;
BEGIN
    SELECT
        count(*),
        coalesce(sum(j.amount), 0),
        bool_and(
            (
                (a.is_postable AND a.is_active)
                -- The end of the year empties retired and header accounts too.
                OR (
                    p_entry.period_kind = 'closing' AND a.type_code IN ('REVENUE', 'EXPENSE')
                )
            )
            AND (a.business_id IS NULL OR a.business_id = p_entry.business_id)
            AND (
                a.control_module IS NULL
                OR coalesce(p_entry.source_module IN (a.control_module, 'ledger'), false)
            )
            AND j.business_id = p_entry.business_id
            AND j.entry_date = p_entry.entry_date
        ),
        bool_or(a.currency_code IS NOT NULL OR j.currency_code IS NOT NULL)
    INTO v_count, v_total, v_all_well, v_has_currency
    FROM ledger.journal_lines AS j
    -- LIMIT: one look at the key a line.
    LEFT JOIN LATERAL (
        SELECT
            r.is_postable,
            r.is_active,
            r.type_code,
            r.business_id,
            r.control_module,
            r.currency_code
        FROM ledger.accounts AS r
        WHERE r.tenant_id = p_entry.tenant_id AND r.id = j.account_id
        LIMIT 1
    ) AS a ON true
    WHERE j.tenant_id = p_entry.tenant_id AND j.entry_id = p_entry.id;
    -- Few entries concern another currency, so the many do not pay for the question.
    IF v_has_currency THEN
        SELECT v_all_well AND bool_and(
            (
                a.currency_code IS NULL
                OR a.currency_code = coalesce(j.currency_code, u.currency_code)
            )
            AND (
                j.currency_code IS NULL
                OR ledger.conversion_problem(
                    u.currency_code, j.currency_code, j.currency_amount, j.exchange_rate, j.amount
                ) IS NULL
            )
        ) INTO v_all_well
        FROM ledger.journal_lines AS j
        INNER JOIN ledger.accounts AS a ON a.tenant_id = j.tenant_id AND a.id = j.account_id
        INNER JOIN identity.businesses AS u
            ON u.tenant_id = j.tenant_id AND u.id = p_entry.business_id
        WHERE j.tenant_id = p_entry.tenant_id AND j.entry_id = p_entry.id;
    END IF;
    IF v_count < 2 THEN
        RAISE EXCEPTION 'journal entry % has % line(s)', p_entry.id, v_count
        USING ERRCODE = 'ZL005',
            HINT = 'A posted entry needs at least two lines.';
    END IF;
    IF v_total <> 0 THEN
        RAISE EXCEPTION 'journal entry % does not balance', p_entry.id
        USING ERRCODE = 'ZL001',
            DETAIL = format('Debits less credits: %s.', v_total),
            HINT = 'Make total debits equal total credits.';
    END IF;
    IF v_all_well IS NOT true THEN
        SELECT
            f.sqlstate,
            f.problem
        INTO v_bad
        FROM ledger.journal_lines AS j
        INNER JOIN ledger.accounts AS a ON a.tenant_id = j.tenant_id AND a.id = j.account_id
        INNER JOIN identity.businesses AS u
            ON u.tenant_id = j.tenant_id AND u.id = p_entry.business_id
        CROSS JOIN LATERAL (
            SELECT
                q.sqlstate,
                q.problem
            FROM ledger.account_problem(
                a, p_entry.business_id, coalesce(j.currency_code, u.currency_code),
                p_entry.source_module
            ) AS q
            UNION ALL
            SELECT
                left(c.problem, 5),
                substr(c.problem, 7)
            FROM ledger.conversion_problem(
                u.currency_code, j.currency_code, j.currency_amount, j.exchange_rate, j.amount
            ) AS c (problem)
            WHERE j.currency_code IS NOT NULL
        ) AS f
        WHERE j.tenant_id = p_entry.tenant_id
            AND j.entry_id = p_entry.id
            AND f.problem IS NOT NULL
            AND NOT (
                p_entry.period_kind = 'closing'
                AND a.type_code IN ('REVENUE', 'EXPENSE')
                AND f.sqlstate IN ('ZL009', 'ZL010')
            )
        ORDER BY j.line_no
        LIMIT 1;
        RAISE EXCEPTION 'journal entry %: %', p_entry.id,
            coalesce(v_bad.problem, 'its lines have another business or date')
        USING ERRCODE = coalesce(v_bad.sqlstate, 'ZL017'),
            HINT = 'Post to another account, or change this one in ledger.accounts.';
    END IF;
END;
$$;
COMMENT ON FUNCTION ledger.require_sound_entry(ledger.journal_entries) IS
'Raises what is wrong with the lines of a posted entry. Internal. Raises ZL001 (does not '
'balance), ZL005 (fewer than two lines), ZL009 (header account), ZL010 (inactive account), ZL011 '
'(finer than its currency, or not what the rate makes), ZL012 (account of another business), ZL014 '
'(currency not taken), ZL017 (a line''s business or date is not its entry''s), ZL021 (control '
'account).';
