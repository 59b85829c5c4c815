-- End every token of a subject that is no user any more.
CREATE OR REPLACE FUNCTION identity.end_subject(p_tenant_id integer, p_subject text)
RETURNS void
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
    INSERT INTO identity.subject_rights AS r (digest, valid_from, business, permissions)
    VALUES (identity.subject_digest(p_tenant_id, p_subject), 'infinity', '[]', '[]')
    ON CONFLICT (digest) DO UPDATE SET
        valid_from = excluded.valid_from,
        business = excluded.business,
        permissions = excluded.permissions;
$$;
COMMENT ON FUNCTION identity.end_subject(integer, text) IS
'Has every token of a subject refused for good: its user was deleted, or has another subject. '
'Without that the token would pass as a service''s, with more rights than the user had. Internal: '
'called by triggers.';
