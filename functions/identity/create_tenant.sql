-- A new tenant. For migrators: whoever calls it has no token yet.
CREATE OR REPLACE FUNCTION identity.create_tenant(p_name text)
RETURNS integer
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
    INSERT INTO identity.tenants (name) VALUES (p_name)
    RETURNING id;
$$;
COMMENT ON FUNCTION identity.create_tenant(text) IS
'Makes a tenant and returns its id. Runs with the caller''s rights: for members of pgerp_owner. '
'Raises 23505 (name taken), 23514 (blank name).';
