-- By what a token's subject is found among the users of all tenants.
CREATE OR REPLACE FUNCTION identity.subject_digest(p_tenant_id integer, p_subject text)
RETURNS bytea
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT sha256(convert_to(p_tenant_id || ' ' || p_subject, 'UTF8'));
$$;
COMMENT ON FUNCTION identity.subject_digest(integer, text) IS
'SHA-256 of a tenant and a subject: the key of identity.subject_rights. identity.token_claims '
'computes the same by itself. Internal.';
