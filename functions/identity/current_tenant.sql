-- The tenant that the session's token proves.
-- No SET search_path, so that policies can inline it; its references are qualified.
CREATE OR REPLACE FUNCTION identity.current_tenant()
RETURNS integer
LANGUAGE sql STABLE
AS $$
    SELECT (identity.token_claims() ->> 'tenant')::integer;
$$;
COMMENT ON FUNCTION identity.current_tenant() IS
'The tenant of the session''s verified token (setting pgerp.token); NULL without a token. Raises '
'ZI002 (token not valid), ZI003 (expired).';
