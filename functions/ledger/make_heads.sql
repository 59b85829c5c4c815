-- An account gets a limit or a version, or another one: its heads are made from the balances, and
-- what is in the books already must keep to the limit.
CREATE OR REPLACE FUNCTION ledger.make_heads()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_bad record;
BEGIN
    -- The guard of accounts has waited, by its lock, for all who were posting to the account; only
    -- a snapshot taken after that sees what they posted.
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'limits of accounts can only be changed in a READ COMMITTED transaction'
        USING ERRCODE = 'active_sql_transaction',
            DETAIL = 'An older snapshot could not see what was posted meanwhile.',
            HINT = 'Start the transaction with ISOLATION LEVEL READ COMMITTED.';
    END IF;
    IF num_nonnulls(OLD.minimum_balance, OLD.credit_limit) = 0 AND NOT OLD.keeps_version THEN
        INSERT INTO ledger.account_heads AS h (
            tenant_id, account_id, business_id, balance, held_debit, held_credit
        )
        SELECT
            NEW.tenant_id,
            NEW.id,
            s.business_id,
            sum(s.balance),
            sum(greatest(s.held, 0)),
            sum(greatest(-s.held, 0))
        FROM (
            SELECT
                b.business_id,
                b.debit - b.credit AS balance,
                0 AS held
            FROM ledger.account_balances AS b
            WHERE b.tenant_id = NEW.tenant_id AND b.account_id = NEW.id
            UNION ALL
            SELECT
                m.business_id,
                0,
                m.amount
            FROM ledger.held_amounts AS m
            WHERE m.tenant_id = NEW.tenant_id AND m.account_id = NEW.id
            UNION ALL
            SELECT
                k.business_id,
                0,
                0
            FROM ledger.account_heads AS k
            WHERE k.tenant_id = NEW.tenant_id AND k.account_id = NEW.id
        ) AS s
        GROUP BY s.business_id
        ORDER BY s.business_id
        ON CONFLICT (tenant_id, account_id, business_id)
        DO UPDATE SET
            balance = excluded.balance,
            held_debit = excluded.held_debit,
            held_credit = excluded.held_credit,
            version = h.version + 1,
            first_version = h.version + 1,
            kept_since = clock_timestamp();
    END IF;
    SELECT
        u.code AS business_code,
        t.normal_side * h.balance AS balance,
        q.held_against,
        q.held_toward,
        t.normal_side * h.balance - q.held_against < NEW.minimum_balance AS is_below
    INTO v_bad
    FROM ledger.account_heads AS h
    INNER JOIN identity.businesses AS u ON u.tenant_id = h.tenant_id AND u.id = h.business_id
    INNER JOIN ledger.account_types AS t ON t.code = NEW.type_code
    CROSS JOIN LATERAL (
        SELECT
            coalesce(sum(greatest(-t.normal_side * m.amount, 0)), 0) AS held_against,
            coalesce(sum(greatest(t.normal_side * m.amount, 0)), 0) AS held_toward
        FROM ledger.held_amounts AS m
        WHERE m.tenant_id = h.tenant_id
            AND m.account_id = h.account_id
            AND m.business_id = h.business_id
            AND m.expires_at > clock_timestamp()
    ) AS q
    WHERE h.tenant_id = NEW.tenant_id
        AND h.account_id = NEW.id
        AND (
            t.normal_side * h.balance - q.held_against < NEW.minimum_balance
            OR t.normal_side * h.balance + q.held_toward > NEW.credit_limit
        )
    ORDER BY u.code
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'account % of business % does not keep to the limit',
            NEW.code, v_bad.business_code
        USING ERRCODE = CASE WHEN v_bad.is_below THEN 'ZL030' ELSE 'ZL031' END,
            DETAIL = format(
                'Balance %s, held against it %s, held toward it %s, minimum %s, limit %s.',
                v_bad.balance, v_bad.held_against, v_bad.held_toward,
                coalesce(NEW.minimum_balance::text, 'none'),
                coalesce(NEW.credit_limit::text, 'none')
            ),
            HINT = 'Choose another limit, or post what brings the account within it first.';
    END IF;
    -- All keep to the limits now, so none begins beyond them any more.
    UPDATE ledger.account_heads AS h
    SET closed_low = 0,
        closed_high = 0
    WHERE h.tenant_id = NEW.tenant_id
        AND h.account_id = NEW.id
        AND (h.closed_low <> 0 OR h.closed_high <> 0);
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION ledger.make_heads() IS
'Trigger (after update of limits or keeps_version in ledger.accounts, each row): makes the rows '
'of ledger.account_heads when the account had neither limit nor version before, and checks the '
'new limits against the balance of every business that has posted to it. Raises ZL030 (below the '
'minimum), ZL031 (over the limit), 25001 outside READ COMMITTED.';
