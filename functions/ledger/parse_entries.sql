-- Resolve the headers of a batch and find the first problem of each.
CREATE OR REPLACE FUNCTION ledger.parse_entries(p_tenant_id integer, p_entries jsonb)
RETURNS ledger.parsed_entry[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_allowed text := current_setting('pgerp.business_ids', true);
    v_may_post_soft_closed boolean := identity.has_permission('ledger.post_soft_closed');
    v_reserved text[] := ledger.reserved_modules(p_tenant_id);
    -- A uuid version 7 and what follows it: to draw random bits for each entry costs as much as to
    -- hash its request. The last 47 bits count on from random ones; the bit before them is zero.
    v_first text := core.uuid_v7();
    v_tail bigint := ('x' || right(v_first, 12))::bit(48)::bigint & 140737488355327;
    v_entries ledger.parsed_entry[];
BEGIN
    WITH requests AS MATERIALIZED (
        SELECT
            i.ordinal::integer AS ordinal,
            i.entry,
            i.entry ->> 'business' AS business,
            i.entry ->> 'date' AS date_text,
            i.entry ->> 'description' AS description,
            coalesce(i.entry ->> 'status', 'POSTED') AS status,
            i.entry ->> 'reference' AS reference,
            i.entry ->> 'idempotency_key' AS idempotency_key,
            i.entry ->> 'source_module' AS source_module,
            i.entry ->> 'source_id' AS source_id,
            coalesce(i.entry ->> 'period_kind', 'regular') AS period_kind
        FROM jsonb_array_elements(p_entries) WITH ORDINALITY AS i (entry, ordinal)
    ),

    -- A day of a business is looked at once, however many entries it has.
    days AS MATERIALIZED (
        SELECT
            g.business,
            g.date_text,
            g.period_kind,
            g.entry_date,
            b.id AS business_id,
            b.currency_code,
            b.is_active,
            p.id AS period_id,
            p.code AS period_code,
            p.status AS period_status
        FROM (
            SELECT
                u.business,
                u.date_text,
                u.period_kind,
                core.iso_date(u.date_text) AS entry_date
            FROM (
                SELECT DISTINCT
                    r.business,
                    r.date_text,
                    r.period_kind
                FROM requests AS r
            ) AS u
            -- A fence: flattened, the date would be worked out anew at each place that reads it.
            OFFSET 0
        ) AS g
        LEFT JOIN identity.businesses AS b ON b.tenant_id = p_tenant_id AND b.code = g.business
        LEFT JOIN ledger.fiscal_periods AS p
            ON p.tenant_id = p_tenant_id
            AND p.business_id = b.id
            AND p.kind::text = g.period_kind
            AND g.entry_date BETWEEN p.starts_on AND p.ends_on
    )

    SELECT array_agg(
        ROW(
            h.ordinal,
            (left(v_first, 24) || lpad(to_hex(v_tail + h.ordinal), 12, '0'))::uuid,
            h.business_id, h.currency_code, h.entry_date, h.status,
            h.description, h.reference, h.idempotency_key,
            CASE
                WHEN h.idempotency_key IS NOT NULL THEN ledger.request_hash(
                    h.business, h.entry_date, h.description, h.entry -> 'lines', h.status,
                    h.reference, h.source_module, h.source_id, h.period_kind
                )
            END,
            true,
            CASE
                WHEN h.shape_problem IS NOT NULL THEN 'ZL015'
                WHEN h.business_id IS NULL THEN 'ZI005'
                WHEN v_allowed <> '*' AND NOT v_allowed::jsonb @> to_jsonb(h.business_id)
                    THEN 'ZI006'
                WHEN NOT h.is_active THEN 'ZI007'
                WHEN starts_with(h.idempotency_key, 'event:') THEN 'ZL097'
                WHEN h.status NOT IN ('DRAFT', 'POSTED') THEN 'ZL016'
                WHEN h.source_module = ANY (v_reserved) THEN 'ZL021'
                WHEN h.period_id IS NULL THEN 'ZL003'
                WHEN h.status = 'POSTED' AND (
                    h.period_status = 'closed'
                    OR (h.period_status = 'soft_closed' AND v_may_post_soft_closed IS NOT true)
                ) THEN 'ZL002'
            END,
            CASE
                WHEN h.shape_problem IS NOT NULL THEN h.shape_problem
                WHEN h.business_id IS NULL THEN format('no such business: %s', h.business)
                WHEN v_allowed <> '*' AND NOT v_allowed::jsonb @> to_jsonb(h.business_id)
                    THEN format('the token does not cover business %s', h.business)
                WHEN NOT h.is_active THEN format('business %s is inactive', h.business)
                WHEN starts_with(h.idempotency_key, 'event:')
                    THEN format('idempotency key %s is reserved for events', h.idempotency_key)
                WHEN h.status NOT IN ('DRAFT', 'POSTED')
                    THEN format('a new journal entry cannot be %s', h.status)
                WHEN h.source_module = ANY (v_reserved)
                    THEN format('the token may not post as module %s', h.source_module)
                WHEN h.period_id IS NULL
                    THEN format('no fiscal period has the date %s', h.entry_date)
                WHEN h.status = 'POSTED' AND (
                    h.period_status = 'closed'
                    OR (h.period_status = 'soft_closed' AND v_may_post_soft_closed IS NOT true)
                )
                    THEN format(
                        'fiscal period %s is %s',
                        h.period_code, replace(h.period_status::text, '_', '-')
                    )
            END,
            h.source_module,
            h.source_id,
            h.period_kind,
            h.period_id
        )::ledger.parsed_entry
        ORDER BY h.ordinal
    )
    INTO v_entries
    FROM (
        SELECT
            s.*,
            CASE
                WHEN jsonb_typeof(s.entry) IS DISTINCT FROM 'object'
                    THEN 'the entry is not an object'
                WHEN s.entry - s.fields <> '{}'
                    THEN format('the entry has the unknown field %s', (
                        SELECT min(k.field)
                        FROM jsonb_object_keys(s.entry - s.fields) AS k (field)
                    ))
                WHEN s.business IS NULL THEN 'the entry has no business'
                WHEN s.entry_date IS NULL
                    THEN format(
                        'the date is not one of the form 2026-11-30: %s',
                        coalesce(s.entry ->> 'date', 'none')
                    )
                WHEN s.description IS NULL THEN 'the entry has no description'
                WHEN length(s.description) > 2000
                    THEN 'the description has more than 2000 characters'
                WHEN length(s.reference) > 200
                    THEN 'the reference has more than 200 characters'
                WHEN length(s.source_module) > 63 OR s.source_module !~ '^[a-z][a-z0-9_.]*$'
                    OR length(s.source_id) > 200
                    OR (s.source_module IS NULL AND s.source_id IS NOT NULL)
                    THEN 'the source module or id is malformed'
                WHEN s.period_kind NOT IN ('regular', 'adjusting')
                    THEN format('a new entry cannot lie in a period of kind %s', s.period_kind)
                WHEN NOT core.is_code(s.idempotency_key)
                    THEN 'the idempotency key is malformed'
                WHEN jsonb_typeof(s.entry -> 'lines') IS DISTINCT FROM 'array'
                    THEN 'the lines are not a JSON array'
            END AS shape_problem
        FROM (
            SELECT
                r.*,
                ARRAY[
                    'business', 'date', 'description', 'status', 'reference', 'idempotency_key',
                    'lines', 'source_module', 'source_id', 'period_kind'
                ] AS fields,
                d.entry_date,
                d.business_id,
                d.currency_code,
                d.is_active,
                d.period_id,
                d.period_code,
                d.period_status
            FROM requests AS r
            LEFT JOIN days AS d
                ON d.business = r.business
                AND d.date_text = r.date_text
                AND d.period_kind = r.period_kind
        ) AS s
        OFFSET 0
    ) AS h;
    RETURN coalesce(v_entries, '{}');
END;
$$;
COMMENT ON FUNCTION ledger.parse_entries(integer, jsonb) IS
'The entries of a batch (JSON array, shape as in ledger.create_journal_entries) with new ids, '
'resolved, in order, each with the first problem found in its header: ZL015 (shape), ZI005 to '
'ZI007 (business), ZL016 (status), ZL021 (module), ZL003, ZL002 (period). Lines are for '
'ledger.parse_lines. Internal.';
