-- requires: identity.current_tenant
-- Settle the cents that are left of an item.
CREATE OR REPLACE FUNCTION ledger.write_off_rounding(
    p_entry_id uuid,
    p_line_no integer,
    p_tolerance numeric DEFAULT NULL,
    p_written_off_on date DEFAULT NULL,
    p_tenant_id integer DEFAULT identity.current_tenant()
)
RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_line record;
    v_open numeric;
    v_value numeric;
    v_tolerance numeric;
    v_date date;
    v_entry_id uuid := core.uuid_v7();
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'ledger.match');
    PERFORM ledger.lock_item(p_tenant_id, p_entry_id);
    SELECT o.* INTO v_line FROM ledger.open_line(p_tenant_id, p_entry_id, p_line_no) AS o;
    IF v_line.status IS DISTINCT FROM 'POSTED' THEN
        RAISE EXCEPTION 'entry % has no posted line %', p_entry_id, p_line_no
        USING ERRCODE = 'ZL053',
            HINT = 'See ledger.open_items for the lines that are open.';
    END IF;
    v_open := abs(v_line.total) - v_line.settled;
    v_tolerance := coalesce(p_tolerance, 5 * 10::numeric ^ -CASE
        WHEN v_line.is_foreign THEN v_line.currency_decimals
        ELSE v_line.value_decimals
    END);
    IF v_open = 0 OR v_open > v_tolerance THEN
        RAISE EXCEPTION '% % is open, which is no rounding difference',
            v_open, v_line.currency_code
        USING ERRCODE = 'ZL059',
            DETAIL = format('At most %s can be written off.', v_tolerance),
            HINT = 'Give p_tolerance if more may be written off.';
    END IF;
    v_date := coalesce(
        p_written_off_on, greatest(v_line.entry_date, v_line.matched_on, v_line.reopened_on)
    );
    -- An item worth less than half a unit is written off as one unit, and the match books the rest.
    v_value := greatest(
        abs(v_line.value) - v_line.settled_value, 10::numeric ^ -v_line.value_decimals
    );
    IF NOT v_line.is_foreign THEN
        v_value := v_open;
    END IF;
    v_value := sign(v_line.total) * v_value;
    PERFORM ledger.insert_entry(
        p_tenant_id,
        v_line.business_id,
        v_date,
        'POSTED',
        'Rounding difference written off',
        ARRAY[
            ROW(
                v_line.account_id,
                -v_value,
                CASE WHEN v_line.is_foreign THEN v_line.currency_code END,
                CASE WHEN v_line.is_foreign THEN -sign(v_line.total) * v_open END,
                CASE WHEN v_line.is_foreign THEN round(abs(v_value) / v_open, 10) END,
                NULL, NULL, v_line.counterparty, NULL
            )::ledger.new_line,
            ROW(
                ledger.account_for_role(
                    p_tenant_id, v_line.business_id, 'rounding_difference'
                ),
                v_value, NULL, NULL, NULL, NULL, NULL, NULL, NULL
            )::ledger.new_line
        ],
        p_source_module => 'ledger',
        p_source_id => p_entry_id::text || '/' || p_line_no,
        p_entry_id => v_entry_id
    );
    IF v_line.total > 0 THEN
        RETURN ledger.insert_match(
            p_tenant_id, p_entry_id, p_line_no, v_entry_id, 1, v_open, v_date
        );
    END IF;
    RETURN ledger.insert_match(
        p_tenant_id, v_entry_id, 1, p_entry_id, p_line_no, v_open, v_date
    );
END;
$$;
COMMENT ON FUNCTION ledger.write_off_rounding(uuid, integer, numeric, date, integer) IS
'Posts what is still open of a line, when it is no more than p_tolerance (transaction currency; '
'NULL: five minor units), to the account with the role rounding_difference, matches the two, and '
'returns the id of the match. p_written_off_on NULL: the day of the line''s last match. Raises '
'ZI001 to ZI004 (token), ZL002, ZL003 (period), ZL024 (no account has the role), ZL026 (no such '
'entry), ZL053 (no posted line), ZL059 (nothing open, or more than the tolerance), and what '
'ledger.match_lines raises.';
