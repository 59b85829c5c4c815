-- What every posted entry must be, in one place for every way of posting.
CREATE OR REPLACE FUNCTION ledger.require_sound_entry(p_tenant_id integer, p_entry_id uuid)
RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_found record;
    v_bad record;
    v_is_logged boolean := false;
BEGIN
    SELECT
        e.id,
        e.entry_date,
        e.business_id,
        e.period_id,
        e.period_kind,
        p.code AS period_code,
        p.status AS period_status,
        l.lines,
        l.total,
        l.all_well
    INTO v_found
    FROM ledger.journal_entries AS e
    INNER JOIN ledger.fiscal_periods AS p
        ON p.tenant_id = e.tenant_id AND p.business_id = e.business_id AND p.id = e.period_id
    CROSS JOIN LATERAL (
        SELECT
            count(*) AS lines,
            coalesce(sum(j.amount), 0) AS total,
            bool_and(
                (
                    (a.is_postable AND a.is_active)
                    -- The end of the year empties retired and header accounts too.
                    OR (e.period_kind = 'closing' AND a.type_code IN ('REVENUE', 'EXPENSE'))
                )
                AND (a.business_id IS NULL OR a.business_id = e.business_id)
                AND (
                    a.currency_code IS NULL
                    OR a.currency_code = coalesce(j.currency_code, u.currency_code)
                )
                AND (
                    a.control_module IS NULL
                    OR coalesce(e.source_module IN (a.control_module, 'ledger'), false)
                )
                AND j.business_id = e.business_id
                AND j.entry_date = e.entry_date
                AND (
                    j.currency_code IS NULL
                    OR ledger.conversion_problem(
                        u.currency_code, j.currency_code, j.currency_amount, j.exchange_rate,
                        j.amount
                    ) IS NULL
                )
            ) AS all_well
        FROM ledger.journal_lines AS j
        INNER JOIN ledger.accounts AS a ON a.tenant_id = j.tenant_id AND a.id = j.account_id
        INNER JOIN identity.businesses AS u ON u.tenant_id = e.tenant_id AND u.id = e.business_id
        WHERE j.tenant_id = e.tenant_id AND j.entry_id = e.id
    ) AS l
    WHERE e.tenant_id = p_tenant_id AND e.id = p_entry_id AND e.posted_at IS NOT NULL;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    IF v_found.lines < 2 THEN
        RAISE EXCEPTION 'journal entry % has % line(s)', v_found.id, v_found.lines
        USING ERRCODE = 'ZL005',
            HINT = 'A posted entry needs at least two lines.';
    END IF;
    IF v_found.total <> 0 THEN
        RAISE EXCEPTION 'journal entry % does not balance', v_found.id
        USING ERRCODE = 'ZL001',
            DETAIL = format('Debits less credits: %s.', v_found.total),
            HINT = 'Make total debits equal total credits.';
    END IF;
    IF v_found.period_status = 'soft_closed' OR v_found.period_kind = 'closing' THEN
        v_is_logged := EXISTS (
            SELECT FROM ledger.period_events AS x
            WHERE x.tenant_id = p_tenant_id
                AND x.business_id = v_found.business_id
                AND x.period_id = v_found.period_id
                AND x.action = 'posted'
                AND x.entry_id = v_found.id
        );
    END IF;
    IF v_found.period_status <> 'open' AND NOT v_is_logged THEN
        RAISE EXCEPTION 'fiscal period % is %',
            v_found.period_code, replace(v_found.period_status::text, '_', '-')
        USING ERRCODE = 'ZL002',
            DETAIL = format('Journal entry %s is dated %s.', v_found.id, v_found.entry_date),
            HINT = 'Date the entry in an open period.';
    END IF;
    IF NOT v_found.all_well THEN
        SELECT
            f.sqlstate,
            f.problem
        INTO v_bad
        FROM ledger.journal_lines AS j
        INNER JOIN ledger.journal_entries AS e ON e.tenant_id = j.tenant_id AND e.id = j.entry_id
        INNER JOIN ledger.accounts AS a ON a.tenant_id = j.tenant_id AND a.id = j.account_id
        INNER JOIN identity.businesses AS u ON u.tenant_id = e.tenant_id AND u.id = e.business_id
        CROSS JOIN LATERAL (
            SELECT
                q.sqlstate,
                q.problem
            FROM ledger.account_problem(
                a, e.business_id, coalesce(j.currency_code, u.currency_code), e.source_module
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
        WHERE j.tenant_id = p_tenant_id
            AND j.entry_id = v_found.id
            AND f.problem IS NOT NULL
            AND NOT (
                v_found.period_kind = 'closing'
                AND a.type_code IN ('REVENUE', 'EXPENSE')
                AND f.sqlstate IN ('ZL009', 'ZL010')
            )
        ORDER BY j.line_no
        LIMIT 1;
        RAISE EXCEPTION 'journal entry %: %', v_found.id,
            coalesce(v_bad.problem, 'its lines have another business or date')
        USING ERRCODE = coalesce(v_bad.sqlstate, 'ZL017'),
            HINT = 'Post to another account, or change this one in ledger.accounts.';
    END IF;
END;
$$;
COMMENT ON FUNCTION ledger.require_sound_entry(integer, uuid) IS
'Raises what is wrong with a posted entry; an entry that is not posted passes. Internal. Raises '
'ZL001 (does not balance), ZL002 (period not open), ZL005 (fewer than two lines), ZL009 (header '
'account), ZL010 (inactive account), ZL011 (finer than its currency, or not what the rate makes), '
'ZL012 (account of another business), ZL014 (currency not taken), ZL017 (a line''s business or '
'date is not its entry''s), ZL021 (control account).';
