-- What posted entries add to the lines of budgets that judge.
CREATE OR REPLACE FUNCTION ledger.budget_effects(
    p_tenant_id integer,
    p_entry_ids uuid[],
    p_line_no integer DEFAULT NULL
)
RETURNS ledger.budget_effect[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_effects ledger.budget_effect[];
BEGIN
    SELECT array_agg(
        ROW(s.budget_id, s.revision_no, s.account_id, s.starts_on, s.entry_id, s.added)
        ::ledger.budget_effect
    )
    INTO v_effects
    FROM (
        SELECT
            b.id AS budget_id,
            l.revision_no,
            l.account_id,
            l.starts_on,
            e.id AS entry_id,
            sum(j.amount * t.normal_side) AS added
        FROM ledger.journal_entries AS e
        INNER JOIN ledger.journal_lines AS j ON j.tenant_id = e.tenant_id AND j.entry_id = e.id
        INNER JOIN ledger.accounts AS a
            ON a.tenant_id = j.tenant_id AND a.id = j.account_id AND a.is_watched
        INNER JOIN ledger.account_types AS t ON t.code = a.type_code
        CROSS JOIN LATERAL unnest(
            ledger.accounts_above(p_tenant_id, j.account_id)
        ) AS u (account_id)
        INNER JOIN ledger.budget_lines AS l
            ON l.tenant_id = e.tenant_id
            AND l.account_id = u.account_id
            AND e.entry_date BETWEEN l.starts_on AND l.ends_on
        INNER JOIN ledger.budgets AS b
            ON b.tenant_id = l.tenant_id
            AND b.id = l.budget_id
            AND b.current_revision = l.revision_no
            AND b.business_id = e.business_id
        WHERE e.tenant_id = p_tenant_id
            AND e.id = ANY (p_entry_ids)
            AND (p_line_no IS NULL OR j.line_no = p_line_no)
            AND e.posted_at IS NOT NULL
            AND e.period_kind <> 'closing'
            AND b.status = 'active'
            AND b.policy <> 'ignore'
            AND (b.department_code IS NULL OR b.department_code = j.department_code)
        GROUP BY b.id, l.revision_no, l.account_id, l.starts_on, e.id
    ) AS s;
    RETURN coalesce(v_effects, '{}');
END;
$$;
COMMENT ON FUNCTION ledger.budget_effects(integer, uuid[], integer) IS
'What the given posted entries, or the line of the given number, add to each line of an active '
'budget with the policy warn or stop. Internal.';
