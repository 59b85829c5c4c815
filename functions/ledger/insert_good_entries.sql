-- Write the entries of a batch, all at once if their accounts allow it, else those that they allow.
CREATE OR REPLACE FUNCTION ledger.insert_good_entries(
    p_tenant_id integer,
    p_entries ledger.parsed_entry[],
    p_lines ledger.parsed_line[]
)
RETURNS ledger.parsed_entry[]
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_entries ledger.parsed_entry[] := p_entries;
    v_lines ledger.parsed_line[] := ledger.lines_of_new_entries(p_entries, p_lines);
    v_watched uuid[];
    v_alone integer[];
    v_next record;
    v_sqlstate text;
    v_problem text;
BEGIN
    BEGIN
        PERFORM ledger.insert_entries(p_tenant_id, ARRAY(
            SELECT e FROM unnest(p_entries) AS e WHERE e.problem IS NULL AND e.is_new
        ), v_lines);
        RETURN p_entries;
    EXCEPTION
        WHEN SQLSTATE 'ZL030' OR SQLSTATE 'ZL031' OR SQLSTATE 'ZF001' THEN
            -- Undone; find out whose fault it was.
            NULL;
    END;
    v_watched := ARRAY(
        SELECT a.id
        FROM ledger.accounts AS a
        WHERE a.tenant_id = p_tenant_id
            AND a.id IN (SELECT l.account_id FROM unnest(v_lines) AS l)
            AND a.is_watched
    );
    v_alone := ARRAY(
        SELECT DISTINCT l.ordinal
        FROM unnest(v_lines) AS l
        WHERE l.account_id = ANY (v_watched)
    );
    -- Heads before balances, as on every path.
    PERFORM ledger.lock_heads(p_tenant_id, ARRAY(
        SELECT DISTINCT ROW(a.id, l.business_id, 0, 0, 0, 0)::ledger.head_change
        FROM ledger.accounts AS a
        INNER JOIN unnest(v_lines) AS l ON l.account_id = a.id
        WHERE a.tenant_id = p_tenant_id
            AND a.id = ANY (v_watched)
            AND (num_nonnulls(a.minimum_balance, a.credit_limit) > 0 OR a.keeps_version)
    ));
    PERFORM ledger.insert_entries(
        p_tenant_id,
        ARRAY(
            SELECT e
            FROM unnest(p_entries) AS e
            WHERE e.problem IS NULL AND e.is_new AND e.ordinal <> ALL (v_alone)
        ),
        ARRAY(SELECT l FROM unnest(v_lines) AS l WHERE l.ordinal <> ALL (v_alone))
    );
    FOR v_next IN
        SELECT
            l.ordinal,
            array_agg(l ORDER BY l.line_no) AS lines
        FROM unnest(v_lines) AS l
        WHERE l.ordinal = ANY (v_alone)
        GROUP BY l.ordinal
        ORDER BY l.ordinal
    LOOP
        BEGIN
            PERFORM ledger.insert_entries(
                p_tenant_id, ARRAY[p_entries[v_next.ordinal]], v_next.lines
            );
        EXCEPTION
            WHEN SQLSTATE 'ZL030' OR SQLSTATE 'ZL031' OR SQLSTATE 'ZF001' THEN
                GET STACKED DIAGNOSTICS
                    v_sqlstate = RETURNED_SQLSTATE,
                    v_problem = MESSAGE_TEXT;
                v_entries := ledger.leave_out_entry(
                    p_tenant_id, v_entries, v_next.ordinal, v_sqlstate, v_problem
                );
        END;
    END LOOP;
    RETURN v_entries;
END;
$$;
COMMENT ON FUNCTION ledger.insert_good_entries(
    integer, ledger.parsed_entry[], ledger.parsed_line[]
) IS
'Inserts the entries that have no problem and were not made before, with their lines, and returns '
'all with the problems that came up: all of them together if limits and budgets allow it, else '
'those that post to no watched account together and each other one by itself, in order, which '
'gets problem ZL030, ZL031 or ZF001 where they do not. Internal. Raises what '
'ledger.insert_entries raises otherwise.';
