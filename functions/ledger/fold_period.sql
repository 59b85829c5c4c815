-- Merge the stripes of each balance of a period into one row, as far as nobody is changing them.
CREATE OR REPLACE FUNCTION ledger.fold_period(
    p_tenant_id integer,
    p_business_id integer,
    p_period_id uuid
)
RETURNS integer
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_accounts uuid[];
    v_currencies text[];
    v_stripes smallint[];
    v_removed integer;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        -- An old snapshot cannot lock what was posted since; there is no hurry.
        RETURN 0;
    END IF;
    -- Who folds waits for nobody, so he never stands crosswise to those who post: what the foreign
    -- keys of new rows lock is locked before, or left alone.
    PERFORM FROM ledger.fiscal_periods AS p
    WHERE p.tenant_id = p_tenant_id AND p.business_id = p_business_id AND p.id = p_period_id
    FOR KEY SHARE SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN 0;
    END IF;
    SELECT array_agg(s.id) INTO v_accounts
    FROM (
        SELECT a.id
        FROM ledger.accounts AS a
        WHERE a.tenant_id = p_tenant_id
            AND EXISTS (
                SELECT FROM ledger.account_balances AS b
                WHERE b.tenant_id = a.tenant_id
                    AND b.account_id = a.id
                    AND b.business_id = p_business_id
                    AND b.period_id = p_period_id
                GROUP BY b.currency_code
                HAVING count(*) > 1
            )
        FOR KEY SHARE SKIP LOCKED
    ) AS s;
    SELECT
        array_agg(s.account_id),
        array_agg(s.currency_code),
        array_agg(s.stripe)
    INTO v_accounts, v_currencies, v_stripes
    FROM (
        SELECT
            b.account_id,
            b.currency_code,
            b.stripe
        FROM ledger.account_balances AS b
        WHERE b.tenant_id = p_tenant_id
            AND b.business_id = p_business_id
            AND b.period_id = p_period_id
            AND b.account_id = ANY (v_accounts)
        FOR UPDATE SKIP LOCKED
    ) AS s;
    -- A statement of its own sees what was posted until the rows were locked. Sums that are too
    -- large for one row stay spread. New rows instead of changed ones: those of a period then lie
    -- side by side, where a statement reads a page for thirty of them instead of one for each.
    WITH locked AS MATERIALIZED (
        SELECT
            b.account_id,
            b.currency_code,
            b.stripe,
            count(*) OVER balance AS stripes,
            sum(b.debit::numeric) OVER balance AS debit,
            sum(b.credit::numeric) OVER balance AS credit,
            sum(b.currency_amount::numeric) OVER balance AS currency_amount
        FROM unnest(v_accounts, v_currencies, v_stripes) AS s (account_id, currency_code, stripe)
        INNER JOIN ledger.account_balances AS b
            ON b.tenant_id = p_tenant_id
            AND b.account_id = s.account_id
            AND b.business_id = p_business_id
            AND b.period_id = p_period_id
            AND b.currency_code = s.currency_code
            AND b.stripe = s.stripe
        WINDOW balance AS (PARTITION BY b.account_id, b.currency_code)
    ),

    merged AS (
        DELETE FROM ledger.account_balances AS b
        USING locked AS k
        WHERE k.stripes > 1
            AND greatest(k.debit, k.credit, abs(k.currency_amount)) < 1e16
            AND b.tenant_id = p_tenant_id
            AND b.account_id = k.account_id
            AND b.business_id = p_business_id
            AND b.period_id = p_period_id
            AND b.currency_code = k.currency_code
            AND b.stripe = k.stripe
        RETURNING b.account_id, b.currency_code, b.stripe, b.debit, b.credit, b.currency_amount
    ),

    -- The sums need all of what is deleted, so the keys are free by then.
    kept AS (
        INSERT INTO ledger.account_balances (
            tenant_id, account_id, business_id, period_id, currency_code, stripe,
            debit, credit, currency_amount
        )
        SELECT
            p_tenant_id,
            m.account_id,
            p_business_id,
            p_period_id,
            m.currency_code,
            min(m.stripe),
            sum(m.debit::numeric),
            sum(m.credit::numeric),
            sum(m.currency_amount::numeric)
        FROM merged AS m
        GROUP BY m.account_id, m.currency_code
        ORDER BY m.account_id, m.currency_code
        RETURNING 1
    )

    SELECT
        (SELECT count(*) FROM merged AS m) - (SELECT count(*) FROM kept AS k)
    INTO v_removed;
    RETURN v_removed;
END;
$$;
COMMENT ON FUNCTION ledger.fold_period(integer, integer, uuid) IS
'Leaves one row of ledger.account_balances for each account and currency of a period, whose sums '
'stay as they are; these rows are written anew, side by side. Rows that somebody is changing are '
'left alone, as are those of accounts and periods that somebody has locked; outside READ '
'COMMITTED all are. Returns how many rows it removed. Who posts to a row meanwhile waits until '
'the transaction ends and makes a stripe anew. Internal.';
