-- Write the entries of a batch, all at once if nothing speaks against it, else those that may be.
CREATE OR REPLACE FUNCTION ledger.insert_good_entries(
    p_tenant_id integer,
    p_entries ledger.parsed_entry[],
    p_lines ledger.parsed_line[]
)
RETURNS ledger.parsed_entry[]
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    -- What concerns single entries and could not be known, or has changed, since they were judged:
    -- periods, accounts, limits, budgets.
    v_refusals CONSTANT text[] := ARRAY[
        'ZL002', 'ZL003', 'ZL009', 'ZL010', 'ZL012', 'ZL014', 'ZL021', 'ZL030', 'ZL031', 'ZF001'
    ];
    v_entries ledger.parsed_entry[] := p_entries;
    v_new ledger.parsed_entry[] := ARRAY(
        SELECT e FROM unnest(p_entries) AS e WHERE e.problem IS NULL AND e.is_new
    );
    v_lines ledger.parsed_line[] := ledger.lines_of_new_entries(p_entries, p_lines);
    v_alone integer[];
    v_next record;
    v_sqlstate text;
    v_problem text;
BEGIN
    BEGIN
        PERFORM ledger.insert_entries(p_tenant_id, v_new, v_lines);
        RETURN p_entries;
    EXCEPTION
        WHEN OTHERS THEN
            IF SQLSTATE <> ALL (v_refusals) THEN
                RAISE;
            END IF;
    END;
    -- Undone, with its locks; find out whose fault it was. Nothing that matters changes any more.
    PERFORM ledger.lock_batch(p_tenant_id, v_new, v_lines);
    v_alone := ARRAY(
        SELECT e.ordinal
        FROM unnest(v_new) AS e
        LEFT JOIN ledger.fiscal_periods AS p
            ON p.tenant_id = p_tenant_id AND p.business_id = e.business_id AND p.id = e.period_id
        WHERE p.status IS DISTINCT FROM 'open'
            OR e.entry_date NOT BETWEEN p.starts_on AND p.ends_on
        UNION
        SELECT l.ordinal
        FROM unnest(v_lines) AS l
        INNER JOIN ledger.accounts AS a ON a.tenant_id = p_tenant_id AND a.id = l.account_id
        WHERE a.is_watched
            OR NOT a.is_postable
            OR NOT a.is_active
            OR num_nonnulls(a.business_id, a.currency_code, a.control_module) > 0
    );
    PERFORM ledger.insert_entries(
        p_tenant_id,
        ARRAY(SELECT e FROM unnest(v_new) AS e WHERE e.ordinal <> ALL (v_alone)),
        ARRAY(SELECT l FROM unnest(v_lines) AS l WHERE l.ordinal <> ALL (v_alone))
    );
    FOR v_next IN
        SELECT
            e.ordinal,
            ARRAY(
                SELECT l FROM unnest(v_lines) AS l WHERE l.ordinal = e.ordinal ORDER BY l.line_no
            ) AS lines
        FROM unnest(v_new) AS e
        WHERE e.ordinal = ANY (v_alone)
        ORDER BY e.ordinal
    LOOP
        BEGIN
            PERFORM ledger.insert_entries(
                p_tenant_id, ARRAY[p_entries[v_next.ordinal]], v_next.lines
            );
        EXCEPTION
            WHEN OTHERS THEN
                GET STACKED DIAGNOSTICS
                    v_sqlstate = RETURNED_SQLSTATE,
                    v_problem = MESSAGE_TEXT;
                IF v_sqlstate <> ALL (v_refusals) THEN
                    RAISE;
                END IF;
                v_entries := ledger.leave_out_entry(
                    p_tenant_id, v_entries, v_next.ordinal, v_sqlstate, v_problem
                );
        END;
    END LOOP;
    -- Of what was locked, that to which nothing was posted after all.
    DELETE FROM ledger.account_balances AS b
    WHERE b.tenant_id = p_tenant_id
        AND b.account_id IN (SELECT l.account_id FROM unnest(v_lines) AS l)
        AND b.period_id IN (SELECT e.period_id FROM unnest(v_new) AS e)
        AND b.debit = 0
        AND b.credit = 0
        AND b.currency_amount = 0;
    RETURN v_entries;
END;
$$;
COMMENT ON FUNCTION ledger.insert_good_entries(
    integer, ledger.parsed_entry[], ledger.parsed_line[]
) IS
'Inserts the entries that have no problem and were not made before, with their lines, and returns '
'all with the problems that came up: all of them together if their periods, accounts, limits and '
'budgets allow it, else those that nothing speaks against together and each other one by itself, '
'in order, which gets what it was refused with as its problem: ZL002, ZL003 (period), ZL009, '
'ZL010, ZL012, ZL014, ZL021 (account), ZL030, ZL031 (limit) or ZF001 (budget). Internal. Raises '
'what ledger.insert_entries raises otherwise.';
