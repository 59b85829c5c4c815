-- What the token allows beyond its tenant and businesses.
CREATE OR REPLACE FUNCTION identity.has_permission(p_permission text)
RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN identity.claims_permit(identity.token_claims(), p_permission);
END;
$$;
COMMENT ON FUNCTION identity.has_permission(text) IS
'Whether the session''s token permits something, such as ledger.post_soft_closed. A user may what '
'the user''s roles and the token''s claim permissions both give; a service, which is no user, what '
'the claim gives: names, <module>.* or *; without the claim all that need not be named (see '
'identity.permissions). False without a token. Raises ZI002, ZI003, ZI009, ZI010 (token).';
