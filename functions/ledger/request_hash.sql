-- What makes two requests the same request.
CREATE OR REPLACE FUNCTION ledger.request_hash(
    p_business_code text,
    p_entry_date date,
    p_description text,
    p_lines jsonb,
    p_status text,
    p_reference text,
    p_source_module text,
    p_source_id text,
    p_period_kind text
)
RETURNS bytea
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN sha256(convert_to(jsonb_build_array(
        p_business_code, to_jsonb(p_entry_date), p_description, p_lines, p_status, p_reference,
        p_source_module, p_source_id, p_period_kind
    )::text, 'UTF8'));
END;
$$;
COMMENT ON FUNCTION ledger.request_hash(
    text, date, text, jsonb, text, text, text, text, text
) IS
'SHA-256 of a request to post an entry, as canonical jsonb text: the same for the same request, '
'however its JSON was written.';
