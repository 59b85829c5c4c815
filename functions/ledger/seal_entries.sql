-- Make the leaves of a seal: the posted entries that have none, oldest first.
CREATE OR REPLACE FUNCTION ledger.seal_entries(
    p_tenant_id integer,
    p_seal_no bigint,
    p_posted_from timestamptz,
    p_max_entries integer,
    OUT leaves bytea[],
    OUT last_instant timestamptz,
    OUT has_more boolean
)
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
-- The encoding has times and dates as these two have them written.
SET timezone = 'UTC'
SET datestyle = 'ISO, YMD'
AS $$
BEGIN
    -- Each field is its length in bytes, a colon, itself, and a comma; NULL has no length.
    WITH unsealed AS MATERIALIZED (
        SELECT
            e.*,
            row_number() OVER (ORDER BY e.posted_at, e.id) AS leaf_no
        FROM ledger.journal_entries AS e
        WHERE e.tenant_id = p_tenant_id
            AND e.posted_at IS NOT NULL
            AND e.posted_at >= coalesce(p_posted_from, '-infinity')
            AND NOT EXISTS (
                SELECT FROM ledger.sealed_entries AS s
                WHERE s.tenant_id = p_tenant_id AND s.entry_id = e.id
            )
        ORDER BY e.posted_at, e.id
        LIMIT p_max_entries
    ),

    lines AS (
        SELECT
            t.entry_id,
            count(*)::text AS line_count,
            string_agg(concat(
                octet_length(t.line_no), ':', t.line_no, ',',
                octet_length(t.account_id), ':', t.account_id, ',',
                octet_length(t.business_id), ':', t.business_id, ',',
                octet_length(t.entry_date), ':', t.entry_date, ',',
                octet_length(t.amount), ':', t.amount, ',',
                octet_length(t.currency_code), ':', t.currency_code, ',',
                octet_length(t.currency_amount), ':', t.currency_amount, ',',
                octet_length(t.exchange_rate), ':', t.exchange_rate, ',',
                octet_length(convert_to(t.description, 'UTF8')), ':', t.description, ',',
                octet_length(convert_to(t.department_code, 'UTF8')), ':', t.department_code, ',',
                octet_length(convert_to(t.counterparty, 'UTF8')), ':', t.counterparty, ',',
                octet_length(t.due_date), ':', t.due_date, ','
            ), '' ORDER BY t.place) AS content
        FROM (
            SELECT
                l.entry_id,
                l.line_no AS place,
                l.line_no::text AS line_no,
                l.account_id::text AS account_id,
                l.business_id::text AS business_id,
                l.entry_date::text AS entry_date,
                trim_scale(l.amount)::text AS amount,
                l.currency_code::text AS currency_code,
                trim_scale(l.currency_amount)::text AS currency_amount,
                trim_scale(l.exchange_rate)::text AS exchange_rate,
                l.description,
                l.department_code::text AS department_code,
                l.counterparty::text AS counterparty,
                l.due_date::text AS due_date
            FROM unsealed AS u
            INNER JOIN ledger.journal_lines AS l
                ON l.tenant_id = p_tenant_id AND l.entry_id = u.id
        ) AS t
        GROUP BY t.entry_id
    ),

    entries AS (
        SELECT
            u.leaf_no,
            u.id,
            u.business_id,
            u.posted_at,
            concat(
                '13:pgerp-entry-1,',
                octet_length(h.tenant_id), ':', h.tenant_id, ',',
                octet_length(h.id), ':', h.id, ',',
                octet_length(h.business_id), ':', h.business_id, ',',
                octet_length(h.period_id), ':', h.period_id, ',',
                octet_length(h.period_kind), ':', h.period_kind, ',',
                octet_length(h.entry_date), ':', h.entry_date, ',',
                octet_length(h.entry_number), ':', h.entry_number, ',',
                octet_length(convert_to(u.description, 'UTF8')), ':', u.description, ',',
                octet_length(convert_to(u.reference, 'UTF8')), ':', u.reference, ',',
                octet_length(convert_to(u.source_module, 'UTF8')), ':', u.source_module, ',',
                octet_length(convert_to(u.source_id, 'UTF8')), ':', u.source_id, ',',
                octet_length(h.posted_at), ':', h.posted_at, ',',
                octet_length(h.created_at), ':', h.created_at, ',',
                octet_length(convert_to(u.created_by, 'UTF8')), ':', u.created_by, ',',
                octet_length(h.reverses), ':', h.reverses, ',',
                octet_length(convert_to(r.reason, 'UTF8')), ':', r.reason, ',',
                octet_length(h.line_count), ':', h.line_count, ',',
                l.content
            ) AS content
        FROM unsealed AS u
        LEFT JOIN lines AS l ON l.entry_id = u.id
        LEFT JOIN ledger.reversals AS r ON r.tenant_id = p_tenant_id AND r.reversal_id = u.id
        CROSS JOIN LATERAL (
            SELECT
                u.tenant_id::text AS tenant_id,
                u.id::text AS id,
                u.business_id::text AS business_id,
                u.period_id::text AS period_id,
                u.period_kind::text AS period_kind,
                u.entry_date::text AS entry_date,
                u.entry_number::text AS entry_number,
                u.posted_at::text AS posted_at,
                u.created_at::text AS created_at,
                r.entry_id::text AS reverses,
                coalesce(l.line_count, '0') AS line_count
        ) AS h
    ),

    records AS (
        INSERT INTO ledger.sealed_entries (
            tenant_id, seal_no, leaf_no, entry_id, business_id, content
        )
        SELECT
            p_tenant_id,
            p_seal_no,
            e.leaf_no,
            e.id,
            e.business_id,
            e.content
        FROM entries AS e
    )

    SELECT
        array_agg(
            sha256(decode('00', 'hex') || convert_to(e.content, 'UTF8')) ORDER BY e.leaf_no
        ),
        max(e.posted_at),
        count(*) = p_max_entries
    INTO leaves, last_instant, has_more
    FROM entries AS e;
END;
$$;
COMMENT ON FUNCTION ledger.seal_entries(integer, bigint, timestamptz, integer) IS
'Writes the leaves of a seal to ledger.sealed_entries, by the encoding pgerp-entry-1 of '
'docs/ledger-seals.md: the posted entries without leaf, from p_posted_from on (NULL: all), in the '
'order of posted_at and id, p_max_entries at most. Returns their hashes, the posted_at of the last, '
'and whether there may be more. Internal: called by core.make_seals.';
