-- At commit: a posted entry has two lines or more, sums to zero, lies in an open period, and its
-- accounts take it.
CREATE OR REPLACE FUNCTION ledger.check_journal_entry()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_entry_id uuid;
    v_found record;
    v_bad record;
BEGIN
    -- At commit nobody's function is running: the row itself says whose books these are.
    PERFORM set_config('pgerp.tenant_id', NEW.tenant_id::text, true);
    IF TG_ARGV[0] = 'ledger.journal_lines' THEN
        v_entry_id := NEW.entry_id;
    ELSE
        v_entry_id := NEW.id;
    END IF;
    SELECT
        e.id,
        e.entry_date,
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
                a.is_postable
                AND a.is_active
                AND (a.business_id IS NULL OR a.business_id = e.business_id)
                AND (
                    a.currency_code IS NULL
                    OR a.currency_code = coalesce(j.currency_code, u.currency_code)
                )
                AND j.business_id = e.business_id
                AND j.entry_date = e.entry_date
            ) AS all_well
        FROM ledger.journal_lines AS j
        INNER JOIN ledger.accounts AS a ON a.tenant_id = j.tenant_id AND a.id = j.account_id
        INNER JOIN identity.businesses AS u ON u.tenant_id = e.tenant_id AND u.id = e.business_id
        WHERE j.tenant_id = e.tenant_id AND j.entry_id = e.id
    ) AS l
    WHERE e.tenant_id = NEW.tenant_id AND e.id = v_entry_id AND e.status = 'POSTED';
    IF NOT FOUND THEN
        RETURN NULL;
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
    IF v_found.period_status <> 'open' THEN
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
        CROSS JOIN LATERAL ledger.account_problem(
            a, e.business_id, coalesce(j.currency_code, u.currency_code)
        ) AS f
        WHERE j.tenant_id = NEW.tenant_id AND j.entry_id = v_found.id AND f.problem IS NOT NULL
        ORDER BY j.line_no
        LIMIT 1;
        RAISE EXCEPTION 'journal entry %: %', v_found.id,
            coalesce(v_bad.problem, 'its lines have another business or date')
        USING ERRCODE = coalesce(v_bad.sqlstate, 'ZL017'),
            HINT = 'Post to another account, or change this one in ledger.accounts.';
    END IF;
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION ledger.check_journal_entry() IS
'Constraint trigger (deferred, argument: the table''s name): proves at commit what a posted '
'entry must be, whichever way it came. Raises ZL001 (does not balance), ZL002 (period not open), '
'ZL005 (fewer than two lines), ZL009 (header account), ZL010 (inactive account), ZL012 (account '
'of another business), ZL014 (currency not taken), ZL017 (a line''s business or date is not its '
'entry''s).';
