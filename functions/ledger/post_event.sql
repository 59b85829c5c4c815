-- Make the entry that a posting rule makes of an event.
CREATE OR REPLACE FUNCTION ledger.post_event(p_event events.event_store)
RETURNS jsonb
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
-- Every statement finds its few rows by their keys: see ledger.create_journal_entry.
SET plan_cache_mode = 'force_generic_plan' SET enable_seqscan = off
AS $$
DECLARE
    v_currency text;
    v_rule record;
    v_lines ledger.new_line[];
    v_module text := split_part(p_event.event_type, '.', 1);
    v_posted_type text := 'ledger.' || v_module || '_posted';
    v_entry_id uuid := core.uuid_v7();
    v_claimed_id uuid;
    v_answer jsonb;
    v_result jsonb;
BEGIN
    SELECT b.currency_code INTO v_currency
    FROM identity.businesses AS b
    WHERE b.tenant_id = p_event.tenant_id AND b.id = p_event.business_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'event % is of no business, so no books take it', p_event.id
        USING ERRCODE = 'ZL095',
            HINT = 'Emit it with its business.';
    END IF;
    SELECT
        r.is_active,
        v.*
    INTO v_rule
    FROM ledger.posting_rules AS r
    INNER JOIN ledger.posting_rule_revisions AS v
        ON v.tenant_id = r.tenant_id AND v.rule_id = r.id AND v.revision_no = r.current_revision
    WHERE r.tenant_id = p_event.tenant_id
        AND r.event_type = p_event.event_type
        AND (r.business_id = p_event.business_id OR r.business_id IS NULL)
    ORDER BY r.business_id NULLS LAST
    LIMIT 1;
    IF v_rule.is_active IS NOT true THEN
        RAISE EXCEPTION 'the posting rule of % is %', p_event.event_type,
            CASE WHEN v_rule.rule_id IS NULL THEN 'missing' ELSE 'inactive' END
        USING ERRCODE = CASE WHEN v_rule.rule_id IS NULL THEN 'ZL090' ELSE 'ZL091' END,
            DETAIL = format('Event %s of business %s.', p_event.id, p_event.business_id),
            HINT = 'Make it with ledger.save_posting_rule, or let it go on with '
                'ledger.set_posting_rule_active.';
    END IF;
    IF v_rule.currency_path IS NOT NULL
        AND (p_event.payload #>> string_to_array(v_rule.currency_path, '.') = v_currency)
            IS NOT true
    THEN
        RAISE EXCEPTION 'event % has amounts in another currency than %', p_event.id, v_currency
        USING ERRCODE = 'ZL014',
            DETAIL = format('The property %s says it.', v_rule.currency_path),
            HINT = 'Emit amounts in the functional currency of the business.';
    END IF;
    -- After a restore the answer may have come back before the entry: it is that entry again.
    SELECT e.payload INTO v_answer
    FROM events.event_types AS t
    INNER JOIN events.stream_heads AS h
        ON h.tenant_id = p_event.tenant_id
        AND h.aggregate_type = t.aggregate_type
        AND h.aggregate_id = p_event.id::text
    INNER JOIN events.event_store AS e
        ON e.tenant_id = h.tenant_id
        AND e.aggregate_type = h.aggregate_type
        AND e.aggregate_id = h.aggregate_id
        AND e.event_type = t.code
    WHERE t.code = v_posted_type;
    v_entry_id := coalesce((v_answer ->> 'entry_id')::uuid, v_entry_id);
    v_lines := ledger.lines_of_event(p_event, v_rule.rule_id, v_rule.revision_no);
    v_result := jsonb_build_object(
        'entry_id', v_entry_id, 'rule_id', v_rule.rule_id, 'revision', v_rule.revision_no
    );
    IF v_lines IS NULL THEN
        v_result := v_result || '{"entry_id": null, "reason": "every line is 0 or left out"}';
    ELSE
        v_claimed_id := ledger.claim_idempotency_key(
            p_event.tenant_id,
            'event:' || coalesce(p_event.payload ->> 'posting_key', p_event.id::text),
            sha256(convert_to(jsonb_build_array(
                p_event.event_type, p_event.business_id, p_event.aggregate_id, p_event.payload
            )::text, 'UTF8')),
            v_entry_id,
            true
        );
        IF v_claimed_id IS NULL THEN
            RAISE EXCEPTION 'posting key % belongs to another event',
                p_event.payload ->> 'posting_key'
            USING ERRCODE = 'ZL008',
                DETAIL = format('Event %s says something else.', p_event.id),
                HINT = 'Emit what is another fact with another posting key.';
        ELSIF v_claimed_id <> v_entry_id THEN
            -- The rule that made it is in the result of the event that came first.
            v_result := jsonb_build_object('entry_id', v_claimed_id, 'reason', 'posted before');
        ELSE
            PERFORM ledger.insert_entry(
                p_event.tenant_id,
                p_event.business_id,
                core.iso_date(p_event.payload #>> string_to_array(v_rule.date_path, '.')),
                'POSTED',
                coalesce(
                    ledger.fill_template(v_rule.description, p_event.payload), v_rule.name
                ),
                v_lines,
                ledger.fill_template(v_rule.reference, p_event.payload),
                v_module,
                p_event.aggregate_id,
                'regular',
                v_entry_id,
                true
            );
        END IF;
    END IF;
    IF v_answer IS NULL
        AND EXISTS (SELECT FROM events.event_types AS t WHERE t.code = v_posted_type)
    THEN
        PERFORM events.emit(
            p_event.tenant_id, v_posted_type, p_event.id::text,
            jsonb_build_object(
                'event_id', p_event.id,
                'event_type', p_event.event_type,
                'aggregate_type', p_event.aggregate_type,
                'aggregate_id', p_event.aggregate_id,
                'entry_id', v_result -> 'entry_id'
            ),
            p_event.business_id, p_event
        );
    END IF;
    RETURN v_result;
END;
$$;
COMMENT ON FUNCTION ledger.post_event(events.event_store) IS
'Handler: makes one posted entry of an event by the rule that its business or, if that has none, '
'the tenant has for the type. The entry''s source is the module of the type with the aggregate''s '
'id. Returns {"entry_id", "rule_id", "revision"}; entry_id null and a reason where every amount '
'is 0 or no condition is met; entry_id and a reason where the same payload with the same '
'posting_key (a property of the payload; otherwise the event''s id) was posted before. Emits '
'ledger.<module>_posted, if there is that type; where that is in the store already, after a '
'restore, the entry gets the id that it names, and nothing is emitted. Internal: for functions '
'that have entered the tenant. Raises ZL008 (posting_key of another event), ZL014 (currency), '
'ZL090 (no rule), ZL091 (inactive), ZL095 (no business), and what ledger.lines_of_event and '
'ledger.insert_entry raise.';
