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
    -- Who folds waits for nobody, so he never stands crosswise to those who post.
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
        FOR UPDATE SKIP LOCKED
    ) AS s;
    -- A statement of its own sees what was posted until the rows were locked. Sums that are too
    -- large for one row stay spread.
    WITH locked AS MATERIALIZED (
        SELECT
            b.account_id,
            b.currency_code,
            b.stripe,
            min(b.stripe) OVER balance AS kept,
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

    spare AS MATERIALIZED (
        SELECT k.*
        FROM locked AS k
        WHERE k.stripe > k.kept
            AND greatest(k.debit, k.credit, abs(k.currency_amount)) < 1e16
    ),

    kept AS (
        UPDATE ledger.account_balances AS b
        SET debit = s.debit,
            credit = s.credit,
            currency_amount = s.currency_amount
        FROM (
            SELECT DISTINCT
                s.account_id,
                s.currency_code,
                s.kept,
                s.debit,
                s.credit,
                s.currency_amount
            FROM spare AS s
        ) AS s
        WHERE b.tenant_id = p_tenant_id
            AND b.account_id = s.account_id
            AND b.business_id = p_business_id
            AND b.period_id = p_period_id
            AND b.currency_code = s.currency_code
            AND b.stripe = s.kept
    )

    DELETE FROM ledger.account_balances AS b
    USING spare AS s
    WHERE b.tenant_id = p_tenant_id
        AND b.account_id = s.account_id
        AND b.business_id = p_business_id
        AND b.period_id = p_period_id
        AND b.currency_code = s.currency_code
        AND b.stripe = s.stripe;
    GET DIAGNOSTICS v_removed = ROW_COUNT;
    RETURN v_removed;
END;
$$;
COMMENT ON FUNCTION ledger.fold_period(integer, integer, uuid) IS
'Leaves one row of ledger.account_balances for each account and currency of a period, whose sums '
'stay as they are; rows that somebody is changing are left alone, and outside READ COMMITTED all '
'are. Returns how many rows it removed. Who posts to a row meanwhile waits until the transaction '
'ends and makes a stripe anew. Internal.';
