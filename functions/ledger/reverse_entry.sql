-- Post the opposite of a posted entry, and link the two.
CREATE OR REPLACE FUNCTION ledger.reverse_entry(
    p_tenant_id integer,
    p_entry_id uuid,
    p_reason text,
    p_entry_date date
)
RETURNS uuid
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_entry ledger.journal_entries := ledger.lock_entry(p_tenant_id, p_entry_id);
    v_reversal_id uuid;
BEGIN
    PERFORM ledger.require_reason(p_reason);
    IF v_entry.status = 'VOIDED' THEN
        RAISE EXCEPTION 'journal entry % is already voided', p_entry_id
        USING ERRCODE = 'ZL023',
            DETAIL = format('The reason was: %s.', v_entry.void_reason),
            HINT = 'See ledger.reversals for what reversed it; that entry can be reversed.';
    ELSIF v_entry.status = 'DRAFT' THEN
        RAISE EXCEPTION 'journal entry % is a draft', p_entry_id
        USING ERRCODE = 'ZL022',
            HINT = 'Void it with ledger.void_journal_entry.';
    END IF;
    v_reversal_id := ledger.insert_entry(
        p_tenant_id,
        v_entry.business_id,
        p_entry_date,
        'POSTED',
        left('Reversal: ' || v_entry.description, 2000),
        ARRAY(
            SELECT ROW(
                l.account_id, -l.amount, l.currency_code, -l.currency_amount, l.exchange_rate,
                l.description, l.department_code, l.counterparty, l.due_date
            )::ledger.new_line
            FROM ledger.journal_lines AS l
            WHERE l.tenant_id = p_tenant_id AND l.entry_id = p_entry_id
            ORDER BY l.line_no
        ),
        v_entry.reference,
        v_entry.source_module,
        v_entry.source_id,
        CASE
            WHEN p_entry_date = v_entry.entry_date THEN v_entry.period_kind::text
            ELSE 'regular'
        END
    );
    INSERT INTO ledger.reversals (tenant_id, business_id, entry_id, reversal_id, reason)
    VALUES (p_tenant_id, v_entry.business_id, p_entry_id, v_reversal_id, p_reason);
    RETURN v_reversal_id;
END;
$$;
COMMENT ON FUNCTION ledger.reverse_entry(integer, uuid, text, date) IS
'Posts, on the given date, an entry with the opposite lines, its module and reference; links them '
'in ledger.reversals, by which the entry becomes VOIDED; returns the id of the reversal. On the '
'entry''s own date it lies in the same kind of period, else in a regular one. Internal: for '
'functions that have entered the tenant. Raises ZL002, ZL003 (period), ZL010 (account inactive), '
'ZL022 (draft), ZL023 (voided before), ZL026 (no such entry), ZL027 (no reason).';
