-- What is reversed is settled by its reversal; what others have settled is not reversed.
CREATE OR REPLACE FUNCTION ledger.settle_reversal()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_match_id uuid;
BEGIN
    -- Three probes of keys, rather than one OR that would read the table.
    SELECT m.id INTO v_match_id
    FROM (
        SELECT d.id
        FROM ledger.matches AS d
        WHERE d.tenant_id = NEW.tenant_id
            AND d.debit_entry_id = NEW.entry_id
            AND d.unmatched_on IS NULL
            AND NOT d.is_reversal
        UNION ALL
        SELECT c.id
        FROM ledger.matches AS c
        WHERE c.tenant_id = NEW.tenant_id
            AND c.credit_entry_id = NEW.entry_id
            AND c.unmatched_on IS NULL
            AND NOT c.is_reversal
        UNION ALL
        SELECT g.id
        FROM ledger.matches AS g
        WHERE g.tenant_id = NEW.tenant_id
            AND g.gain_entry_id = NEW.entry_id
            AND g.unmatched_on IS NULL
    ) AS m
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'journal entry % is matched', NEW.entry_id
        USING ERRCODE = 'ZL055',
            DETAIL = format('The match: %s.', v_match_id),
            HINT = 'Undo its matches with ledger.unmatch first.';
    END IF;
    BEGIN
        INSERT INTO ledger.matches (
            tenant_id, debit_entry_id, debit_line_no, credit_entry_id, credit_line_no, is_reversal
        )
        SELECT
            NEW.tenant_id,
            CASE WHEN l.amount > 0 THEN l.entry_id ELSE r.entry_id END,
            l.line_no,
            CASE WHEN l.amount > 0 THEN r.entry_id ELSE l.entry_id END,
            l.line_no,
            true
        FROM ledger.journal_lines AS l
        INNER JOIN ledger.journal_lines AS r ON r.tenant_id = l.tenant_id AND r.line_no = l.line_no
        INNER JOIN ledger.accounts AS a ON a.tenant_id = l.tenant_id AND a.id = l.account_id
        WHERE l.tenant_id = NEW.tenant_id
            AND l.entry_id = NEW.entry_id
            AND r.entry_id = NEW.reversal_id
            AND a.type_code IN ('ASSET', 'LIABILITY')
            AND coalesce(l.currency_amount, l.amount) <> 0
            AND (r.account_id, r.amount, coalesce(r.currency_amount, r.amount))
            = (l.account_id, -l.amount, -coalesce(l.currency_amount, l.amount))
            AND (r.counterparty, r.currency_code)
            IS NOT DISTINCT FROM (l.counterparty, l.currency_code)
            -- A reversal that is itself reversed was settled by what it reversed.
            AND NOT EXISTS (
                SELECT FROM ledger.matches AS d
                WHERE d.tenant_id = l.tenant_id
                    AND d.debit_entry_id = l.entry_id
                    AND d.debit_line_no = l.line_no
                    AND d.unmatched_on IS NULL
            )
            AND NOT EXISTS (
                SELECT FROM ledger.matches AS c
                WHERE c.tenant_id = l.tenant_id
                    AND c.credit_entry_id = l.entry_id
                    AND c.credit_line_no = l.line_no
                    AND c.unmatched_on IS NULL
            )
        ORDER BY l.line_no;
    EXCEPTION
        WHEN unique_violation THEN
            -- Our snapshot is older than somebody's match of a line.
            RAISE EXCEPTION 'another transaction has matched a line of entry % meanwhile',
                NEW.entry_id
            USING ERRCODE = 'serialization_failure',
                HINT = 'Repeat the transaction.';
    END;
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION ledger.settle_reversal() IS
'Trigger (after insert into ledger.reversals, each row): matches the lines on asset and liability '
'accounts of an entry with those of its reversal, so that neither is open. Raises ZL055 when '
'lines of the entry are matched otherwise, or it is the gain or loss of a match; 40001 '
'when another transaction matched a line meanwhile (repeat).';
