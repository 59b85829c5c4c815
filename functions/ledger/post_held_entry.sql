-- requires: identity.current_tenant
-- Second of two phases: post an entry that is held, whole or in part.
CREATE OR REPLACE FUNCTION ledger.post_held_entry(
    p_entry_id uuid,
    p_lines jsonb DEFAULT NULL,
    p_tenant_id integer DEFAULT identity.current_tenant()
)
RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
-- The arrays are short: planning the statements anew for each call costs more than their work.
SET plan_cache_mode = 'force_generic_plan'
AS $$
DECLARE
    v_entry ledger.journal_entries;
    v_posted_id uuid;
    v_bad record;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'ledger.post');
    v_entry := ledger.lock_held_entry(p_tenant_id, p_entry_id);
    IF p_lines IS NULL THEN
        PERFORM ledger.post_journal_entry(p_entry_id, p_tenant_id => p_tenant_id);
        RETURN p_entry_id;
    END IF;
    PERFORM ledger.settle_hold(p_tenant_id, p_entry_id);
    SELECT ledger.create_journal_entry(
        p_business_code => u.code,
        p_entry_date => v_entry.entry_date,
        p_description => v_entry.description,
        p_lines => p_lines,
        p_reference => v_entry.reference,
        p_source_module => v_entry.source_module,
        p_source_id => v_entry.source_id,
        p_period_kind => v_entry.period_kind::text,
        p_tenant_id => p_tenant_id
    )
    INTO v_posted_id
    FROM identity.businesses AS u
    WHERE u.tenant_id = p_tenant_id AND u.id = v_entry.business_id;
    SELECT
        a.code,
        s.held,
        s.posted
    INTO v_bad
    FROM (
        SELECT
            l.account_id,
            coalesce(sum(l.amount) FILTER (WHERE l.entry_id = p_entry_id), 0) AS held,
            -- What was not asked for is a rounding difference, which nothing holds.
            coalesce(sum(l.amount) FILTER (
                WHERE l.entry_id = v_posted_id AND l.line_no <= jsonb_array_length(p_lines)
            ), 0) AS posted
        FROM ledger.journal_lines AS l
        WHERE l.tenant_id = p_tenant_id AND l.entry_id IN (p_entry_id, v_posted_id)
        GROUP BY l.account_id
    ) AS s
    INNER JOIN ledger.accounts AS a ON a.tenant_id = p_tenant_id AND a.id = s.account_id
    WHERE s.posted NOT BETWEEN least(s.held, 0) AND greatest(s.held, 0)
    ORDER BY a.code
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'account %: more would be posted than is held', v_bad.code
        USING ERRCODE = 'ZL037',
            DETAIL = format(
                'Held %s, to be posted %s (debit positive).', v_bad.held, v_bad.posted
            ),
            HINT = 'Post at most what is held, to the same accounts.';
    END IF;
    UPDATE ledger.holds AS h
    SET posted_entry_id = v_posted_id
    WHERE h.tenant_id = p_tenant_id AND h.entry_id = p_entry_id;
    UPDATE ledger.journal_entries AS e
    SET status = 'VOIDED', void_reason = format('posted in part as %s', v_posted_id)
    WHERE e.tenant_id = p_tenant_id AND e.id = p_entry_id;
    RETURN v_posted_id;
END;
$$;
COMMENT ON FUNCTION ledger.post_held_entry(uuid, jsonb, integer) IS
'Posts an entry that is held and returns its id. With p_lines (as in ledger.create_journal_entry) '
'only they are posted, as another entry with the same date, texts and module, whose id is '
'returned: at most what is held on each account; the rest is free and the held draft becomes '
'VOIDED. Raises ZI001 to ZI004 (token), ZL026 (no such entry), ZL034 (expired), ZL036 (not held: '
'never, posted or released), ZL037 (more than is held), and what ledger.post_journal_entry or '
'ledger.create_journal_entry raises.';
