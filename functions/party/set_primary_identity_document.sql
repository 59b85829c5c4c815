-- Which identity document is shown.
CREATE OR REPLACE FUNCTION party.set_primary_identity_document(
    p_document_id uuid,
    p_tenant_id integer DEFAULT NULL
)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_row party.identity_documents;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'party.manage_customers');
    SELECT x.* INTO v_row
    FROM party.identity_documents AS x
    WHERE x.tenant_id = p_tenant_id AND x.id = p_document_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such identity document: %', coalesce(p_document_id::text, 'NULL')
        USING ERRCODE = 'ZT003',
            HINT = 'See party.identity_documents.';
    END IF;
    PERFORM party.lock_customer(p_tenant_id, v_row.customer_id);
    -- One statement could meet the unique index half-way.
    UPDATE party.identity_documents AS x
    SET is_primary = false
    WHERE x.tenant_id = p_tenant_id AND x.customer_id = v_row.customer_id
        AND x.is_primary AND x.id <> p_document_id;
    UPDATE party.identity_documents AS x
    SET is_primary = true
    WHERE x.tenant_id = p_tenant_id AND x.id = p_document_id AND NOT x.is_primary;
END;
$$;
COMMENT ON FUNCTION party.set_primary_identity_document(uuid, integer) IS
'Makes an identity document the customer''s primary one; the one before is none any more. Needs '
'party.manage_customers. Raises ZI001 to ZI004, ZI009 to ZI011 (token, permission), ZT003 (no '
'such document).';
