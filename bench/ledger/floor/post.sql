-- The function of the steps 5 to 7; what stands between [a-b] and [end] is of the steps a to b only.
-- The request is as a client has it: the business by its code, the period by the date, accounts by
-- their codes in JSON. What was written is counted and summed. One statement writes it all.
SET ROLE pgerp_owner;
CREATE FUNCTION {schema}.post(
    -- [5-6]
    p_tenant_id integer,
    -- [end]
    p_business_code text,
    p_date date,
    p_description text,
    p_lines jsonb
)
RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_id uuid := core.uuid_v7();
    -- [5-6]
    v_tenant_id integer := p_tenant_id;
    v_actor text := 'bench';
    -- [end]
    -- [7-7]
    v_tenant_id integer := identity.enter_tenant(NULL);
    v_actor text := current_setting('pgerp.actor', true);
    v_allowed text := current_setting('pgerp.business_ids', true);
    -- [end]
    v_target record;
    v_setting text;
    v_count integer;
    v_total numeric;
    -- [6-7]
    v_accounts uuid[];
    v_amounts numeric[];
    v_stripes smallint[];
    -- [end]
BEGIN
    SELECT
        b.id,
        b.currency_code,
        p.id AS period_id,
        p.status
    INTO v_target
    FROM identity.businesses AS b
    LEFT JOIN LATERAL (
        SELECT
            f.id,
            f.status
        FROM ledger.fiscal_periods AS f
        WHERE f.tenant_id = v_tenant_id
            AND f.business_id = b.id
            AND f.kind = 'regular'
            AND f.starts_on <= p_date
            AND f.ends_on >= p_date
        ORDER BY f.starts_on DESC
        LIMIT 1
        FOR KEY SHARE
    ) AS p ON true
    WHERE b.tenant_id = v_tenant_id AND b.code = p_business_code AND b.is_active;
    IF (v_target.status = 'open') IS NOT true THEN
        RAISE EXCEPTION 'no business, no period, or none that is open'
        USING ERRCODE = CASE
            WHEN v_target.id IS NULL THEN 'ZI005'
            WHEN v_target.status IS NULL THEN 'ZL003'
            ELSE 'ZL002'
        END;
    END IF;
    -- [7-7]
    IF v_allowed <> '*' AND NOT v_allowed::jsonb @> to_jsonb(v_target.id) THEN
        RAISE EXCEPTION 'the token does not cover the business'
        USING ERRCODE = 'ZI006';
    END IF;
    -- [end]
    v_setting := set_config('pgerp.posting', 'function', true);
    WITH given AS MATERIALIZED (
        SELECT
            i.line_no,
            a.id AS account_id,
            a.balance_stripes,
            coalesce((i.line ->> 'debit')::numeric, 0)
            - coalesce((i.line ->> 'credit')::numeric, 0) AS amount
        FROM jsonb_array_elements(p_lines) WITH ORDINALITY AS i (line, line_no)
        -- LIMIT: one look at the key a line, whatever the planner thinks of the array's length.
        CROSS JOIN LATERAL (
            SELECT
                r.id,
                r.balance_stripes
            FROM ledger.accounts AS r
            WHERE r.tenant_id = v_tenant_id
                AND r.code = i.line ->> 'account'
                AND r.is_postable
                AND r.is_active
                AND (r.business_id IS NULL OR r.business_id = v_target.id)
                AND r.currency_code IS NULL
                AND r.control_module IS NULL
                AND NOT r.is_watched
            LIMIT 1
        ) AS a
    ),

    entry AS (
        INSERT INTO {schema}.entries (
            tenant_id, id, business_id, period_id, entry_date, status, description, posted_at,
            created_at, created_by, last_modified_at, last_modified_by, entry_number
        )
        VALUES (
            v_tenant_id, v_id, v_target.id, v_target.period_id, p_date, 'POSTED', p_description,
            now(), now(), v_actor, now(), v_actor, nextval('{schema}.entry_numbers')
        )
    ),

    written AS (
        INSERT INTO {schema}.lines (
            tenant_id, entry_id, line_no, account_id, business_id, entry_date, amount
        )
        SELECT
            v_tenant_id,
            v_id,
            g.line_no,
            g.account_id,
            v_target.id,
            p_date,
            g.amount
        FROM given AS g
        RETURNING line_no, account_id, amount
    )

    -- [5-5]
    SELECT
        count(*),
        sum(w.amount)
    INTO v_count, v_total
    FROM written AS w;
    -- [end]
    -- [6-7]
    SELECT
        count(*),
        sum(w.amount),
        array_agg(w.account_id ORDER BY w.account_id, w.line_no),
        array_agg(w.amount ORDER BY w.account_id, w.line_no),
        array_agg(
            (pg_backend_pid() % g.balance_stripes)::smallint ORDER BY w.account_id, w.line_no
        )
    INTO v_count, v_total, v_accounts, v_amounts, v_stripes
    FROM written AS w
    INNER JOIN given AS g ON g.line_no = w.line_no;
    -- [end]
    v_setting := set_config('pgerp.posting', '', true);
    IF (v_count >= 2 AND v_count = jsonb_array_length(p_lines) AND v_total = 0) IS NOT true THEN
        RAISE EXCEPTION 'a line is missing, or the entry does not balance'
        USING ERRCODE = CASE
            WHEN v_count <> jsonb_array_length(p_lines) THEN 'ZL007'
            WHEN v_count < 2 THEN 'ZL005'
            ELSE 'ZL001'
        END;
    END IF;
    -- [6-7]
    FOR v_i IN 1..v_count LOOP
        UPDATE {schema}.balances AS b
        SET debit = b.debit + greatest(v_amounts[v_i], 0),
            credit = b.credit + greatest(-v_amounts[v_i], 0),
            currency_amount = b.currency_amount + v_amounts[v_i]
        WHERE b.tenant_id = v_tenant_id
            AND b.account_id = v_accounts[v_i]
            AND b.business_id = v_target.id
            AND b.period_id = v_target.period_id
            AND b.currency_code = v_target.currency_code
            AND b.stripe = v_stripes[v_i];
        CONTINUE WHEN FOUND;
        INSERT INTO {schema}.balances AS b (
            tenant_id, account_id, business_id, period_id, currency_code, stripe,
            debit, credit, currency_amount
        )
        VALUES (
            v_tenant_id, v_accounts[v_i], v_target.id, v_target.period_id,
            v_target.currency_code, v_stripes[v_i],
            greatest(v_amounts[v_i], 0), greatest(-v_amounts[v_i], 0), v_amounts[v_i]
        )
        ON CONFLICT (tenant_id, account_id, business_id, period_id, currency_code, stripe)
        DO UPDATE SET
            debit = b.debit + excluded.debit,
            credit = b.credit + excluded.credit,
            currency_amount = b.currency_amount + excluded.currency_amount;
    END LOOP;
    -- [end]
    RETURN v_id;
END;
$$;
GRANT EXECUTE ON FUNCTION {schema}.post TO pgerp_bench;
RESET ROLE;
