-- Resolve the headers of a batch and find the first problem of each.
CREATE OR REPLACE FUNCTION ledger.parse_entries(p_tenant_id integer, p_entries jsonb)
RETURNS ledger.parsed_entry[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    -- What no code has, beside its length; bounds in a regular expression cost 70 times as much.
    v_no_code CONSTANT text := '^[[:space:]]|[[:cntrl:]]|[[:space:]]$';
    v_allowed text := current_setting('pgerp.business_ids', true);
    v_may_post_soft_closed boolean := identity.has_permission('ledger.post_soft_closed');
    v_reserved text[] := ledger.reserved_modules(p_tenant_id);
    v_entries ledger.parsed_entry[];
BEGIN
    SELECT array_agg(
        ROW(
            h.ordinal, core.uuid_v7(), b.id, b.currency_code, h.entry_date, h.status,
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
                WHEN b.id IS NULL THEN 'ZI005'
                WHEN v_allowed <> '*' AND NOT v_allowed::jsonb @> to_jsonb(b.id) THEN 'ZI006'
                WHEN NOT b.is_active THEN 'ZI007'
                WHEN h.status NOT IN ('DRAFT', 'POSTED') THEN 'ZL016'
                WHEN h.source_module = ANY (v_reserved) THEN 'ZL021'
                WHEN p.id IS NULL THEN 'ZL003'
                WHEN h.status = 'POSTED' AND (
                    p.status = 'closed'
                    OR (p.status = 'soft_closed' AND v_may_post_soft_closed IS NOT true)
                ) THEN 'ZL002'
            END,
            CASE
                WHEN h.shape_problem IS NOT NULL THEN h.shape_problem
                WHEN b.id IS NULL THEN format('no such business: %s', h.business)
                WHEN v_allowed <> '*' AND NOT v_allowed::jsonb @> to_jsonb(b.id)
                    THEN format('the token does not cover business %s', h.business)
                WHEN NOT b.is_active THEN format('business %s is inactive', h.business)
                WHEN h.status NOT IN ('DRAFT', 'POSTED')
                    THEN format('a new journal entry cannot be %s', h.status)
                WHEN h.source_module = ANY (v_reserved)
                    THEN format('the token may not post as module %s', h.source_module)
                WHEN p.id IS NULL THEN format('no fiscal period has the date %s', h.entry_date)
                WHEN h.status = 'POSTED' AND (
                    p.status = 'closed'
                    OR (p.status = 'soft_closed' AND v_may_post_soft_closed IS NOT true)
                )
                    THEN format('fiscal period %s is %s', p.code, replace(p.status::text, '_', '-'))
            END,
            h.source_module,
            h.source_id,
            h.period_kind,
            p.id
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
                WHEN length(s.idempotency_key) NOT BETWEEN 1 AND 200
                    OR s.idempotency_key ~ v_no_code
                    THEN 'the idempotency key is malformed'
                WHEN jsonb_typeof(s.entry -> 'lines') IS DISTINCT FROM 'array'
                    THEN 'the lines are not a JSON array'
            END AS shape_problem
        FROM (
            SELECT
                i.ordinal::integer AS ordinal,
                i.entry,
                ARRAY[
                    'business', 'date', 'description', 'status', 'reference', 'idempotency_key',
                    'lines', 'source_module', 'source_id', 'period_kind'
                ] AS fields,
                i.entry ->> 'business' AS business,
                i.entry ->> 'description' AS description,
                coalesce(i.entry ->> 'status', 'POSTED') AS status,
                i.entry ->> 'reference' AS reference,
                i.entry ->> 'idempotency_key' AS idempotency_key,
                i.entry ->> 'source_module' AS source_module,
                i.entry ->> 'source_id' AS source_id,
                coalesce(i.entry ->> 'period_kind', 'regular') AS period_kind,
                core.iso_date(i.entry ->> 'date') AS entry_date
            FROM jsonb_array_elements(p_entries) WITH ORDINALITY AS i (entry, ordinal)
            -- A fence: flattened, the date would be worked out anew at each place that reads it.
            OFFSET 0
        ) AS s
        OFFSET 0
    ) AS h
    LEFT JOIN identity.businesses AS b ON b.tenant_id = p_tenant_id AND b.code = h.business
    LEFT JOIN ledger.fiscal_periods AS p
        ON p.tenant_id = p_tenant_id
        AND p.business_id = b.id
        AND p.kind::text = h.period_kind
        AND h.entry_date BETWEEN p.starts_on AND p.ends_on;
    RETURN coalesce(v_entries, '{}');
END;
$$;
COMMENT ON FUNCTION ledger.parse_entries(integer, jsonb) IS
'The entries of a batch (JSON array, shape as in ledger.create_journal_entries) with new ids, '
'resolved, in order, each with the first problem found in its header: ZL015 (shape), ZI005 to '
'ZI007 (business), ZL016 (status), ZL021 (module), ZL003, ZL002 (period). Lines are for '
'ledger.parse_lines. Internal.';
