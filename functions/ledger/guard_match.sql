-- Only lines that belong together are matched, and never more of one than is open.
CREATE OR REPLACE FUNCTION ledger.guard_match()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_debit record;
    v_credit record;
    v_kept ledger.matches;
    v_open numeric;
    v_from date;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        v_kept := NEW;
        v_kept.unmatched_on := OLD.unmatched_on;
        v_kept.unmatch_reason := OLD.unmatch_reason;
        IF OLD.unmatched_on IS NULL AND v_kept IS NOT DISTINCT FROM OLD THEN
            RETURN NEW;
        END IF;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        RAISE EXCEPTION 'match % cannot change or go', OLD.id
        USING ERRCODE = 'ZL057',
            HINT = 'Undo it with ledger.unmatch.';
    END IF;
    PERFORM ledger.lock_entries(
        NEW.tenant_id, ARRAY[NEW.debit_entry_id, NEW.credit_entry_id]
    );
    SELECT o.* INTO v_debit
    FROM ledger.open_line(NEW.tenant_id, NEW.debit_entry_id, NEW.debit_line_no) AS o;
    SELECT o.* INTO v_credit
    FROM ledger.open_line(NEW.tenant_id, NEW.credit_entry_id, NEW.credit_line_no) AS o;
    IF (v_debit.status = 'POSTED' AND v_credit.status = 'POSTED') IS NOT true THEN
        RAISE EXCEPTION 'only lines of posted journal entries can be matched'
        USING ERRCODE = 'ZL053',
            DETAIL = format(
                'Line %s of entry %s is %s, line %s of entry %s is %s.',
                NEW.debit_line_no, NEW.debit_entry_id, coalesce(lower(v_debit.status), 'missing'),
                NEW.credit_line_no, NEW.credit_entry_id,
                coalesce(lower(v_credit.status), 'missing')
            ),
            HINT = 'See ledger.open_items for the lines that can.';
    END IF;
    IF v_debit.total <= 0 OR v_credit.total >= 0 OR v_debit.type_code NOT IN ('ASSET', 'LIABILITY')
        OR (v_debit.business_id, v_debit.account_id, v_debit.currency_code)
        <> (v_credit.business_id, v_credit.account_id, v_credit.currency_code)
        OR v_debit.counterparty IS DISTINCT FROM v_credit.counterparty
    THEN
        RAISE EXCEPTION 'the two lines cannot be matched with each other'
        USING ERRCODE = 'ZL052',
            DETAIL = format(
                'Amounts %s %s and %s %s, counterparties %s and %s.',
                v_debit.total, v_debit.currency_code, v_credit.total, v_credit.currency_code,
                coalesce(v_debit.counterparty, 'none'), coalesce(v_credit.counterparty, 'none')
            ),
            HINT = 'Match a debit with a credit of the same asset or liability account, business, '
                'counterparty and currency.';
    END IF;
    v_open := least(
        v_debit.total - v_debit.settled, -v_credit.total - v_credit.settled
    );
    NEW.amount := coalesce(NEW.amount, v_open);
    IF NEW.amount <= 0 OR NEW.amount > v_open THEN
        RAISE EXCEPTION 'cannot match % where % is open', NEW.amount, v_open
        USING ERRCODE = 'ZL054',
            DETAIL = format(
                'Open of the debit: %s; of the credit: %s.',
                v_debit.total - v_debit.settled, -v_credit.total - v_credit.settled
            ),
            HINT = 'Match at most what is open; see ledger.open_items.';
    END IF;
    IF NEW.amount <> round(NEW.amount, v_debit.currency_decimals) THEN
        RAISE EXCEPTION '% % is finer than the currency', NEW.amount, v_debit.currency_code
        USING ERRCODE = 'ZL011',
            HINT = format('Use at most %s decimals.', v_debit.currency_decimals);
    END IF;
    -- As of no date may more be matched than there is.
    v_from := greatest(
        v_debit.entry_date, v_credit.entry_date, v_debit.reopened_on, v_credit.reopened_on
    );
    NEW.matched_on := coalesce(NEW.matched_on, v_from);
    IF NEW.matched_on < v_from THEN
        RAISE EXCEPTION 'the lines cannot be matched before %', v_from
        USING ERRCODE = 'ZL058',
            DETAIL = 'They are not older, or an earlier match of them was undone on that day.',
            HINT = 'Leave the date out, or give a later one.';
    END IF;
    NEW.business_id := v_debit.business_id;
    NEW.account_id := v_debit.account_id;
    NEW.counterparty := v_debit.counterparty;
    NEW.currency_code := v_debit.currency_code;
    NEW.debit_match_no := v_debit.matches + 1;
    NEW.credit_match_no := v_credit.matches + 1;
    NEW.debit_value := ledger.matched_value(
        v_debit.total, v_debit.value, v_debit.settled, v_debit.settled_value, NEW.amount,
        v_debit.value_decimals
    );
    NEW.credit_value := ledger.matched_value(
        -v_credit.total, -v_credit.value, v_credit.settled, v_credit.settled_value, NEW.amount,
        v_credit.value_decimals
    );
    NEW.gain_entry_id := CASE
        WHEN NEW.debit_value <> NEW.credit_value THEN core.uuid_v7()
    END;
    NEW.unmatched_on := NULL;
    NEW.unmatch_reason := NULL;
    RETURN NEW;
END;
$$;
COMMENT ON FUNCTION ledger.guard_match() IS
'Trigger (before insert, update or delete of ledger.matches, each row): finds what the lines say '
'(business, account, counterparty, currency), the functional values, and, where they are not '
'given, the amount (all that is open) and the date (the later of the two). A match can be undone '
'once; nothing else of it changes. Raises ZL011 (finer than the currency), ZL052 (lines that do '
'not belong together), ZL053 (no posted line), ZL054 (more than is open), ZL057 (would change or '
'go), ZL058 (before its lines).';
