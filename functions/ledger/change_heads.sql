-- Change heads, and refuse what a limit does not allow.
CREATE OR REPLACE FUNCTION ledger.change_heads(
    p_tenant_id integer,
    p_changes ledger.head_change[],
    p_is_closing boolean DEFAULT false
)
RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_now timestamptz;
    v_bad record;
BEGIN
    IF cardinality(p_changes) = 0 THEN
        RETURN;
    END IF;
    PERFORM ledger.lock_heads(p_tenant_id, p_changes);
    UPDATE ledger.account_heads AS h
    SET
        balance = h.balance + c.amount,
        held_debit = h.held_debit + c.held_debit,
        held_credit = h.held_credit + c.held_credit,
        version = h.version + c.lines
    FROM unnest(p_changes) AS c
    WHERE h.tenant_id = p_tenant_id
        AND h.account_id = c.account_id
        AND h.business_id = c.business_id;
    IF p_is_closing THEN
        PERFORM ledger.note_closing(p_tenant_id, p_changes);
    END IF;
    -- What the clock says while the rows are locked: a hold that has expired counts no more.
    v_now := clock_timestamp();
    SELECT
        a.code,
        u.code AS business_code,
        a.minimum_balance,
        a.credit_limit,
        s.balance - s.amount AS balance,
        s.held_against - s.change_against AS held_against,
        s.held_toward - s.change_toward AS held_toward,
        s.amount - s.change_against AS movement_against,
        s.amount + s.change_toward AS movement_toward,
        coalesce(
            s.balance - s.held_against < a.minimum_balance AND s.amount < s.change_against, false
        ) AS is_below
    INTO v_bad
    FROM unnest(p_changes) AS c
    INNER JOIN ledger.account_heads AS h
        ON h.tenant_id = p_tenant_id
            AND h.account_id = c.account_id
            AND h.business_id = c.business_id
    INNER JOIN ledger.accounts AS a ON a.tenant_id = h.tenant_id AND a.id = h.account_id
    INNER JOIN ledger.account_types AS t ON t.code = a.type_code
    INNER JOIN identity.businesses AS u ON u.tenant_id = h.tenant_id AND u.id = h.business_id
    CROSS JOIN LATERAL (
        SELECT
            h.held_debit - coalesce(sum(greatest(m.amount, 0)), 0) AS debit,
            h.held_credit - coalesce(sum(greatest(-m.amount, 0)), 0) AS credit
        FROM ledger.held_amounts AS m
        WHERE m.tenant_id = h.tenant_id
            AND m.account_id = h.account_id
            AND m.business_id = h.business_id
            AND m.expires_at <= v_now
    ) AS q
    CROSS JOIN LATERAL (
        SELECT
            t.normal_side * h.balance AS balance,
            t.normal_side * c.amount AS amount,
            CASE WHEN t.normal_side = 1 THEN q.credit ELSE q.debit END AS held_against,
            CASE WHEN t.normal_side = 1 THEN q.debit ELSE q.credit END AS held_toward,
            CASE WHEN t.normal_side = 1 THEN c.held_credit ELSE c.held_debit END AS change_against,
            CASE WHEN t.normal_side = 1 THEN c.held_debit ELSE c.held_credit END AS change_toward
    ) AS s
    WHERE (
            (s.balance - s.held_against < a.minimum_balance AND s.amount < s.change_against)
            OR (s.balance + s.held_toward > a.credit_limit AND s.amount + s.change_toward > 0)
        )
        -- What a year has earned goes, whatever its accounts may hold.
        AND NOT (p_is_closing AND a.type_code IN ('REVENUE', 'EXPENSE'))
    ORDER BY a.code, u.code
    LIMIT 1;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    IF v_bad.is_below THEN
        RAISE EXCEPTION 'account % of business % would fall below its minimum balance',
            v_bad.code, v_bad.business_code
        USING ERRCODE = 'ZL030',
            DETAIL = format(
                'Balance %s, held %s, available %s, minimum %s, movement %s.',
                v_bad.balance, v_bad.held_against, v_bad.balance - v_bad.held_against,
                v_bad.minimum_balance, v_bad.movement_against
            ),
            HINT = 'Post or hold less, or release what is held.';
    END IF;
    RAISE EXCEPTION 'account % of business % would exceed its limit',
        v_bad.code, v_bad.business_code
    USING ERRCODE = 'ZL031',
        DETAIL = format(
            'Balance %s, held %s, available %s, limit %s, movement %s.',
            v_bad.balance, v_bad.held_toward,
            v_bad.credit_limit - v_bad.balance - v_bad.held_toward,
            v_bad.credit_limit, v_bad.movement_toward
        ),
        HINT = 'Post or hold less, or release what is held.';
END;
$$;
COMMENT ON FUNCTION ledger.change_heads(integer, ledger.head_change[], boolean) IS
'Adds the changes to ledger.account_heads, one an account and business, and checks their limits: '
'the balance on the normal side less what is held against it is not below the minimum, the '
'balance with what is held toward it not over the limit. A change that does not move toward the '
'limit is never refused, nor on a revenue or expense account the entry that closes or reopens a '
'fiscal year (p_is_closing). Internal. Raises ZL030 (below the minimum), ZL031 (over the limit).';
