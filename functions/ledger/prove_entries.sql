-- Prove posted entries all at once, from what the tables hold of them.
CREATE OR REPLACE FUNCTION ledger.prove_entries(p_tenant_id integer, p_entry_ids uuid[])
RETURNS ledger.batch_proof
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
-- Entries and lines are found by their keys, whatever the statistics say of tables that grow by the
-- minute; to plan for a thousand given keys takes longer than to look them up.
SET plan_cache_mode = 'force_generic_plan' SET enable_seqscan = off
AS $$
DECLARE
    v_proof ledger.batch_proof;
    v_found bigint;
    v_all_plain boolean;
BEGIN
    WITH lines AS MATERIALIZED (
        SELECT
            e.id AS entry_id,
            e.business_id,
            e.period_id,
            e.source_module,
            j.account_id,
            j.amount,
            j.currency_code,
            coalesce(j.currency_amount, j.amount) AS currency_amount,
            j.currency_code IS NULL
            AND j.business_id = e.business_id
            AND j.entry_date = e.entry_date AS is_plain
        FROM ledger.journal_entries AS e
        INNER JOIN ledger.journal_lines AS j
            ON j.tenant_id = p_tenant_id AND j.entry_id = e.id
        WHERE e.tenant_id = p_tenant_id
            AND e.id = ANY (p_entry_ids)
            AND e.posted_at IS NOT NULL
    ),

    entries AS (
        SELECT
            l.entry_id,
            count(*) >= 2 AND sum(l.amount) = 0 AND bool_and(l.is_plain) AS is_sound
        FROM lines AS l
        GROUP BY l.entry_id
    ),

    -- An account is looked at once, however many lines are on it.
    sums AS MATERIALIZED (
        SELECT
            l.account_id,
            l.business_id,
            l.period_id,
            coalesce(l.currency_code, u.currency_code) AS currency_code,
            pg_backend_pid() % a.balance_stripes AS stripe,
            l.debit,
            l.credit,
            l.currency_amount,
            a.is_watched,
            -- Less than ledger.require_sound_entry allows, never more.
            a.is_postable
            AND a.is_active
            AND (a.business_id IS NULL OR a.business_id = l.business_id)
            AND (a.currency_code IS NULL OR a.currency_code = u.currency_code)
            AND (a.control_module IS NULL OR a.control_module = l.source_module) AS is_plain
        FROM (
            SELECT
                g.account_id,
                g.business_id,
                g.period_id,
                g.source_module,
                g.currency_code,
                sum(greatest(g.amount, 0)) AS debit,
                sum(greatest(-g.amount, 0)) AS credit,
                sum(g.currency_amount) AS currency_amount
            FROM lines AS g
            GROUP BY
                g.account_id, g.business_id, g.period_id, g.source_module, g.currency_code
        ) AS l
        INNER JOIN ledger.accounts AS a ON a.tenant_id = p_tenant_id AND a.id = l.account_id
        INNER JOIN identity.businesses AS u
            ON u.tenant_id = p_tenant_id AND u.id = l.business_id
    )

    SELECT
        (SELECT count(*) FROM entries AS e),
        ARRAY(SELECT e.entry_id FROM entries AS e WHERE e.is_sound IS NOT true),
        (SELECT bool_and(coalesce(s.is_plain, false)) FROM sums AS s),
        coalesce((SELECT bool_or(s.is_watched) FROM sums AS s), false),
        ARRAY(
            SELECT ROW(
                s.account_id, s.business_id, s.period_id, s.currency_code, s.stripe,
                sum(s.debit), sum(s.credit), sum(s.currency_amount)
            )::ledger.balance_change
            FROM sums AS s
            GROUP BY s.account_id, s.business_id, s.period_id, s.currency_code, s.stripe
            ORDER BY s.account_id, s.business_id, s.period_id, s.currency_code, s.stripe
        )
    INTO v_found, v_proof.doubtful, v_all_plain, v_proof.is_watched, v_proof.changes;
    IF v_found <> cardinality(p_entry_ids) OR v_all_plain IS NOT true THEN
        v_proof.doubtful := p_entry_ids;
    END IF;
    RETURN v_proof;
END;
$$;
COMMENT ON FUNCTION ledger.prove_entries(integer, uuid[]) IS
'Reads the given entries, all different and posted, and their lines as they were written, and '
'tells: which of them, or all, are not plainly what a posted entry must be (two lines or more that '
'sum to zero, in the functional currency, on accounts that take them, with the entry''s business '
'and date), so that ledger.require_sound_entry must look at them; whether any account is watched; '
'and what they add to the balances, in the order of the key. Internal: in a statement of its own, '
'after the lines were written, whose foreign key locks the accounts.';
