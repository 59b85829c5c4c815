-- The businesses that a job is to run for.
CREATE OR REPLACE FUNCTION lending.businesses_of(p_tenant_id integer, p_business_code text)
RETURNS integer[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_allowed text := current_setting('pgerp.business_ids', true);
BEGIN
    IF p_business_code IS NOT NULL THEN
        RETURN ARRAY[(identity.resolve_business(p_tenant_id, p_business_code)).id];
    END IF;
    RETURN ARRAY(
        SELECT b.id
        FROM identity.businesses AS b
        WHERE b.tenant_id = p_tenant_id
            AND b.is_active
            AND (v_allowed = '*' OR v_allowed::jsonb @> to_jsonb(b.id))
        ORDER BY b.id
    );
END;
$$;
COMMENT ON FUNCTION lending.businesses_of(integer, text) IS
'The business with that code, or for NULL all that are active and that the token covers. '
'Internal: for jobs that have entered the tenant. Raises ZI005 (no such business), ZI006 (not in '
'the token''s list), ZI007 (inactive).';
