-- The lines of an account in order, each with the balance after it; a page at a time if wanted.
CREATE OR REPLACE FUNCTION ledger.general_ledger(
    p_business_code text,
    p_account_code text,
    p_from date DEFAULT NULL,
    p_to date DEFAULT NULL,
    p_after_entry_id uuid DEFAULT NULL,
    p_after_line_no integer DEFAULT NULL,
    p_limit integer DEFAULT NULL
)
RETURNS TABLE (
    entry_date date,
    entry_number bigint,
    description text,
    reference text,
    counterparty text,
    debit numeric,
    credit numeric,
    balance numeric,
    business_code text,
    entry_id uuid,
    line_no integer
)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
-- To plan for the journal's partitions takes longer than to read them.
SET plan_cache_mode = 'force_generic_plan'
AS $$
DECLARE
    v_tenant_id integer := identity.current_tenant();
    v_business_id integer := ledger.readable_business(p_business_code);
    v_account_id uuid := (ledger.readable_account(p_account_code)).id;
    v_from date := coalesce(p_from, '-infinity');
    v_to date := coalesce(p_to, 'infinity');
    v_after_entry_id uuid := p_after_entry_id;
    v_after_line_no integer := p_after_line_no;
    v_before numeric;
BEGIN
    IF p_after_entry_id IS NULL THEN
        -- Greater than this is every line.
        v_after_entry_id := '00000000-0000-0000-0000-000000000000';
        v_after_line_no := 0;
    ELSE
        SELECT l.entry_date INTO v_from
        FROM ledger.all_journal_lines AS l
        WHERE l.tenant_id = v_tenant_id
            AND l.entry_id = p_after_entry_id
            AND l.line_no = p_after_line_no
            AND l.account_id = v_account_id
            AND l.entry_date >= v_from;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'line % of entry % is not on an earlier page of account %',
                coalesce(p_after_line_no::text, 'NULL'), p_after_entry_id, p_account_code
            USING ERRCODE = 'ZL061',
                HINT = 'Pass entry_id and line_no of the last row of the page before.';
        END IF;
    END IF;
    -- What was before the page: the days before its first day, and the lines of that day before it.
    -- Business by business, since the index of an account's days goes on from there. OFFSET 0 keeps
    -- the entry a query of its own: PostgreSQL 15 then looks for it in its partition alone.
    SELECT coalesce(sum(u.amount), 0) INTO v_before
    FROM (
        SELECT m.debit - m.credit AS amount
        FROM ledger.account_movements(
            v_tenant_id,
            v_business_id,
            NULL,
            v_from - 1,
            v_account_id
        ) AS m
        UNION ALL
        SELECT t.amount
        FROM identity.businesses AS b
        CROSS JOIN LATERAL (
            SELECT sum(l.amount::numeric) AS amount
            FROM ledger.all_journal_lines AS l
            CROSS JOIN LATERAL (
                SELECT e.id
                FROM ledger.all_journal_entries AS e
                WHERE e.tenant_id = l.tenant_id AND e.id = l.entry_id AND e.posted_at IS NOT NULL
                OFFSET 0
            ) AS e
            WHERE l.tenant_id = v_tenant_id
                AND l.account_id = v_account_id
                AND l.business_id = b.id
                AND l.entry_date = v_from
                AND (l.entry_id, l.line_no) <= (v_after_entry_id, v_after_line_no)
        ) AS t
        WHERE p_after_entry_id IS NOT NULL
            AND b.tenant_id = v_tenant_id
            AND (v_business_id IS NULL OR b.id = v_business_id)
    ) AS u;
    RETURN QUERY
    SELECT
        g.entry_date,
        g.entry_number,
        g.description,
        g.reference,
        g.counterparty,
        greatest(g.amount, 0.0000),
        greatest(-g.amount, 0.0000),
        v_before + sum(g.amount) OVER (
            ORDER BY g.entry_date, g.entry_id, g.line_no ROWS UNBOUNDED PRECEDING
        ),
        g.business_code,
        g.entry_id,
        g.line_no
    FROM (
        SELECT
            b.code::text AS business_code,
            n.*
        FROM identity.businesses AS b
        CROSS JOIN LATERAL (
            SELECT
                l.entry_date,
                e.entry_number,
                coalesce(l.description, e.description)::text AS description,
                e.reference::text AS reference,
                l.counterparty::text AS counterparty,
                l.amount::numeric AS amount,
                l.entry_id,
                l.line_no::integer AS line_no
            FROM ledger.all_journal_lines AS l
            CROSS JOIN LATERAL (
                SELECT
                    e.entry_number,
                    e.description,
                    e.reference
                FROM ledger.all_journal_entries AS e
                WHERE e.tenant_id = l.tenant_id AND e.id = l.entry_id AND e.posted_at IS NOT NULL
                OFFSET 0
            ) AS e
            WHERE l.tenant_id = v_tenant_id
                AND l.account_id = v_account_id
                AND l.business_id = b.id
                AND l.entry_date BETWEEN v_from AND v_to
                AND (
                    l.entry_date > v_from
                    OR (l.entry_id, l.line_no) > (v_after_entry_id, v_after_line_no)
                )
            ORDER BY l.entry_date, l.entry_id, l.line_no
            LIMIT p_limit
        ) AS n
        WHERE b.tenant_id = v_tenant_id AND (v_business_id IS NULL OR b.id = v_business_id)
        ORDER BY n.entry_date, n.entry_id, n.line_no
        LIMIT p_limit
    ) AS g
    ORDER BY g.entry_date, g.entry_id, g.line_no;
END;
$$;
COMMENT ON FUNCTION ledger.general_ledger(text, text, date, date, uuid, integer, integer) IS
'The posted lines of an account from p_from to p_to, both included (NULL: without bound), of one '
'business or of all (NULL), in order of date, entry and line, each with the balance after it '
'(debit positive, everything before p_from included). A page: p_limit rows after the line that '
'p_after_entry_id and p_after_line_no name, the last of the page before; a late page costs what '
'the first does. Raises ZI001 to ZI003 (token), ZI005 (no such business), ZL007 (no such '
'account), ZL020 (several functional currencies), ZL061 (no such line on an earlier page).';
