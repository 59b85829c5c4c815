-- requires: identity.current_tenant
-- The stored copies of statements, newest first.
CREATE OR REPLACE FUNCTION finance.stored_reports(
    p_kind text DEFAULT NULL,
    p_date date DEFAULT NULL,
    p_business_code text DEFAULT NULL
)
RETURNS TABLE (
    id uuid,
    business_code text,
    kind text,
    period_from date,
    period_to date,
    made_at timestamptz,
    made_by text,
    content jsonb,
    content_sha256 bytea
)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT
        r.id,
        u.code::text,
        r.kind,
        r.period_from,
        r.period_to,
        r.created_at,
        r.created_by,
        r.content,
        r.content_sha256
    FROM finance.financial_reports AS r
    LEFT JOIN identity.businesses AS u ON u.tenant_id = r.tenant_id AND u.id = r.business_id
    WHERE r.tenant_id = identity.current_tenant()
        AND (p_kind IS NULL OR r.kind = p_kind)
        AND (
            p_date IS NULL
            OR p_date BETWEEN coalesce(r.period_from, r.period_to) AND r.period_to
        )
        AND (p_business_code IS NULL OR u.code = p_business_code)
    ORDER BY r.created_at DESC, r.id DESC;
$$;
COMMENT ON FUNCTION finance.stored_reports(text, date, text) IS
'Stored reports of a kind (NULL: any) on a date: as of that day, or over days that have it (NULL: '
'any); of a business (NULL: any, and the consolidated ones, whose business_code is NULL). Newest '
'first. Raises ZI002, ZI003 (token).';
