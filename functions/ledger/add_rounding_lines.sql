-- Balance entries that are off by nothing but the rounding of their conversion.
CREATE OR REPLACE FUNCTION ledger.add_rounding_lines(
    p_tenant_id integer,
    p_lines ledger.parsed_line[],
    p_ordinals integer[]
)
RETURNS ledger.parsed_line[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
-- A plan for arrays of unknown length would join them row by row.
SET plan_cache_mode = 'force_custom_plan'
AS $$
BEGIN
    RETURN p_lines || ARRAY(
        SELECT ROW(
            s.ordinal, s.entry_id, s.business_id, s.entry_date, s.last_no + 1, r.account_id,
            -s.total, NULL, NULL, NULL, 'Rounding difference', q.sqlstate, q.problem, NULL, NULL,
            NULL
        )::ledger.parsed_line
        FROM (
            SELECT
                l.ordinal,
                l.entry_id,
                l.business_id,
                l.entry_date,
                count(*) AS lines,
                max(l.line_no) AS last_no,
                sum(l.amount) AS total
            FROM unnest(p_lines) AS l
            WHERE l.ordinal = ANY (p_ordinals)
            GROUP BY l.ordinal, l.entry_id, l.business_id, l.entry_date
            -- One foreign currency throughout, in which it balances.
            HAVING bool_and(l.currency_code IS NOT NULL)
                AND min(l.currency_code) = max(l.currency_code)
                AND sum(l.currency_amount) = 0
        ) AS s
        INNER JOIN identity.businesses AS b ON b.tenant_id = p_tenant_id AND b.id = s.business_id
        INNER JOIN ledger.currencies AS f ON f.code = b.currency_code
        CROSS JOIN LATERAL (
            SELECT r.account_id
            FROM ledger.account_roles AS r
            WHERE r.tenant_id = p_tenant_id
                AND r.role = 'rounding_difference'
                AND (r.business_id = s.business_id OR r.business_id IS NULL)
            ORDER BY r.business_id NULLS LAST
            LIMIT 1
        ) AS r
        INNER JOIN ledger.accounts AS a ON a.tenant_id = p_tenant_id AND a.id = r.account_id
        -- The module is the entry's, whose posting looks at it.
        CROSS JOIN LATERAL ledger.account_problem(
            a, s.business_id, b.currency_code, 'ledger'
        ) AS q
        WHERE s.total <> 0
            AND abs(s.total) <= s.lines * 10::numeric ^ -coalesce(f.minor_unit, 4)::integer
        ORDER BY s.ordinal
    );
END;
$$;
COMMENT ON FUNCTION ledger.add_rounding_lines(integer, ledger.parsed_line[], integer[]) IS
'The lines, and for each of the given entries that balances in its one foreign currency but, by '
'at most one minor unit per line, not in the functional one, a further line with the difference '
'on the account that has the role rounding_difference, with a problem where that takes no lines; '
'none where no account has it. Internal: for entries found not to balance.';
