-- The tenant that the session's token proves.
-- No SET search_path, so that policies can inline it. Everything in it is qualified, operators too:
-- the session's own search_path holds here, and another ->> could answer with any tenant.
CREATE OR REPLACE FUNCTION identity.current_tenant()
RETURNS integer
LANGUAGE sql STABLE
AS $$
    SELECT (identity.token_claims() OPERATOR(pg_catalog.->>) 'tenant')::integer;
$$;
COMMENT ON FUNCTION identity.current_tenant() IS
'The tenant of the session''s verified token (setting pgerp.token); NULL without a token. Raises '
'ZI002 (token not valid), ZI003 (expired).';
