-- An identity document that was entered wrongly, or is kept no more.
CREATE OR REPLACE FUNCTION party.remove_identity_document(
    p_document_id uuid,
    p_tenant_id integer DEFAULT NULL
)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'party.manage_customers');
    DELETE FROM party.identity_documents AS x
    WHERE x.tenant_id = p_tenant_id AND x.id = p_document_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such identity document: %', coalesce(p_document_id::text, 'NULL')
        USING ERRCODE = 'ZT003',
            HINT = 'See party.identity_documents.';
    END IF;
END;
$$;
COMMENT ON FUNCTION party.remove_identity_document(uuid, integer) IS
'Removes an identity document of a customer; its number may then be another''s. Needs '
'party.manage_customers. Raises ZI001 to ZI004, ZI009 to ZI011 (token, permission), ZT003 (no '
'such document).';
