-- Resolve the lines of a budget: accounts, parts of the year, yearly amounts spread over them.
CREATE OR REPLACE FUNCTION ledger.parse_budget_lines(
    p_tenant_id integer,
    p_budget ledger.budgets,
    p_revision_no integer,
    p_lines jsonb
)
RETURNS ledger.budget_lines[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_starts date[];
    v_ends date[];
    v_minor_unit integer;
    v_line record;
    v_parts numeric[];
    v_lines ledger.budget_lines[] := '{}'::ledger.budget_lines[];
    v_seen text[] := '{}'::text[];
BEGIN
    IF jsonb_typeof(p_lines) IS DISTINCT FROM 'array' OR p_lines = '[]' THEN
        RAISE EXCEPTION 'the lines of the budget are not a JSON array with at least one'
        USING ERRCODE = 'ZL015',
            HINT = 'See the comment of the function for their shape.';
    END IF;
    SELECT
        array_agg(b.starts_on ORDER BY b.bucket_no),
        array_agg(b.ends_on ORDER BY b.bucket_no)
    INTO v_starts, v_ends
    FROM ledger.budget_buckets(
        p_tenant_id, p_budget.business_id, p_budget.fiscal_year_id, p_budget.bucket_interval
    ) AS b;
    SELECT coalesce(c.minor_unit, 4) INTO v_minor_unit
    FROM identity.businesses AS u
    INNER JOIN ledger.currencies AS c ON c.code = u.currency_code
    WHERE u.tenant_id = p_tenant_id AND u.id = p_budget.business_id;
    FOR v_line IN
        SELECT
            i.line_no,
            i.line,
            i.line ->> 'account' AS account,
            i.line ->> 'amount' AS amount,
            i.line ->> 'bucket' AS bucket,
            a.id AS account_id,
            a.business_id,
            CASE
                WHEN jsonb_typeof(i.line) = 'object' THEN i.line ? 'account'
                    AND i.line - ARRAY['account', 'amount', 'bucket'] = '{}'
                ELSE false
            END AS is_shaped
        FROM jsonb_array_elements(p_lines) WITH ORDINALITY AS i (line, line_no)
        LEFT JOIN ledger.accounts AS a
            ON a.tenant_id = p_tenant_id AND a.code = i.line ->> 'account'
        ORDER BY i.line_no
    LOOP
        IF NOT v_line.is_shaped THEN
            RAISE EXCEPTION 'line % of the budget is not an object of account, amount and bucket',
                v_line.line_no
            USING ERRCODE = 'ZL015',
                HINT = 'Leave bucket out to spread the amount over the year.';
        END IF;
        IF v_line.account_id IS NULL THEN
            RAISE EXCEPTION 'no such account: %', coalesce(v_line.account, 'NULL')
            USING ERRCODE = 'ZL007',
                DETAIL = format('Line %s of the budget names it.', v_line.line_no),
                HINT = 'See ledger.accounts for the codes.';
        END IF;
        IF v_line.business_id <> p_budget.business_id THEN
            RAISE EXCEPTION 'account % belongs to another business', v_line.account
            USING ERRCODE = 'ZL012',
                HINT = 'Choose a shared account, or one of the business of the budget.';
        END IF;
        IF coalesce(v_line.amount, '') !~ '^[0-9]{1,16}([.][0-9]{1,4}0*)?$' THEN
            RAISE EXCEPTION 'line % of the budget has no amount', v_line.line_no
            USING ERRCODE = 'ZL011',
                DETAIL = format('Given: %s.', coalesce(v_line.amount, 'NULL')),
                HINT = 'An amount is zero or more, with at most 16 digits before and 4 after the '
                    'point.';
        END IF;
        IF v_line.bucket IS NOT NULL AND (
            v_line.bucket !~ '^[0-9]{1,4}$'
            OR v_line.bucket::integer NOT BETWEEN 1 AND coalesce(cardinality(v_starts), 0)
        ) OR v_starts IS NULL THEN
            RAISE EXCEPTION 'the fiscal year has no % with number %',
                p_budget.bucket_interval, coalesce(v_line.bucket, '1')
            USING ERRCODE = 'ZF005',
                DETAIL = format('It has %s.', coalesce(cardinality(v_starts), 0)),
                HINT = 'Number them from 1, or leave bucket out to spread over all.';
        END IF;
        v_parts := CASE
            WHEN v_line.bucket IS NULL THEN ledger.spread_amount(
                v_line.amount::numeric, cardinality(v_starts), v_minor_unit
            )
            ELSE ARRAY[v_line.amount::numeric]
        END;
        FOR v_part IN 1..cardinality(v_parts) LOOP
            IF v_line.account_id || '/' || coalesce(v_line.bucket, v_part::text) = ANY (v_seen) THEN
                RAISE EXCEPTION 'account % is planned twice for one %',
                    v_line.account, p_budget.bucket_interval
                USING ERRCODE = 'ZF005',
                    DETAIL = format(
                        'The second time on line %s, for number %s.',
                        v_line.line_no, coalesce(v_line.bucket, v_part::text)
                    ),
                    HINT = 'Give each account one amount for the year, or one for each part.';
            END IF;
            v_seen := v_seen || (v_line.account_id || '/' || coalesce(v_line.bucket, v_part::text));
            v_lines := v_lines || ROW(
                p_tenant_id, p_budget.id, p_revision_no, v_line.account_id,
                v_starts[coalesce(v_line.bucket::integer, v_part)],
                v_ends[coalesce(v_line.bucket::integer, v_part)],
                v_parts[v_part],
                p_budget.business_id
            )::ledger.budget_lines;
        END LOOP;
    END LOOP;
    RETURN v_lines;
END;
$$;
COMMENT ON FUNCTION ledger.parse_budget_lines(integer, ledger.budgets, integer, jsonb) IS
'The lines of a revision from [{"account", "amount", "bucket"}, …]: one row per account and part '
'of the year. Internal. Raises ZF005 (no such part, or planned twice), ZL007 (no such account), '
'ZL011 (amount), ZL012 (account of another business), ZL015 (shape).';
