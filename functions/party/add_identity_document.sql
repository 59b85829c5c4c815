-- By what a customer proved who it is.
CREATE OR REPLACE FUNCTION party.add_identity_document(
    p_customer_id uuid,
    p_document jsonb,
    p_tenant_id integer DEFAULT NULL
)
RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_id uuid := core.uuid_v7();
    v_new party.identity_documents;
    v_other text;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'party.manage_customers');
    PERFORM party.lock_customer(p_tenant_id, p_customer_id);
    PERFORM core.require_known(p_document, ARRAY[
        'document_type', 'number_encrypted', 'number_hash', 'issuing_country', 'valid_until',
        'other_number_hashes', 'is_primary'
    ]);
    v_new := jsonb_populate_record(v_new, p_document - 'other_number_hashes');
    SELECT c.customer_no INTO v_other
    FROM party.identity_documents AS d
    INNER JOIN party.customers AS c ON c.tenant_id = d.tenant_id AND c.id = d.customer_id
    WHERE d.tenant_id = p_tenant_id
        AND d.document_type = v_new.document_type AND d.issuing_country = v_new.issuing_country
        AND d.number_hash = ANY (v_new.number_hash || ARRAY(
            SELECT h.hash FROM jsonb_array_elements_text(p_document -> 'other_number_hashes')
                AS h (hash)
        ))
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'that identity document is known already'
        USING ERRCODE = 'ZT004',
            DETAIL = format('It is one of customer %s.', v_other),
            HINT = 'Use that customer, or remove the document there first.';
    END IF;
    INSERT INTO party.identity_documents (
        tenant_id, id, customer_id, document_type, number_encrypted, number_hash, issuing_country,
        valid_until, is_primary
    )
    SELECT
        p_tenant_id,
        v_id,
        p_customer_id,
        v_new.document_type,
        v_new.number_encrypted,
        v_new.number_hash,
        v_new.issuing_country,
        v_new.valid_until,
        -- The first is, unless the caller says otherwise.
        v_new.is_primary IS NOT false AND NOT EXISTS (
            SELECT FROM party.identity_documents AS x
            WHERE x.tenant_id = p_tenant_id AND x.customer_id = p_customer_id
                AND x.is_primary
        );
    IF v_new.is_primary THEN
        PERFORM party.set_primary_identity_document(v_id, p_tenant_id);
    END IF;
    RETURN v_id;
END;
$$;
COMMENT ON FUNCTION party.add_identity_document(uuid, jsonb, integer) IS
'Adds an identity document to a customer and returns its id. p_document has columns of '
'party.identity_documents as keys: {"document_type": "national_id", "number_encrypted": "…", '
'"number_hash": "…", "issuing_country": "KE"}; other_number_hashes: hashes of the same number '
'under other live keys. The first one is the primary one, and so is one with "is_primary": true. '
'Needs party.manage_customers. Raises ZI001 to ZI004, ZI009 to ZI011 (token, permission), ZT001 '
'(no such customer), ZT002 (anonymised), ZT004 (a customer has it already), 22023 (unknown key), '
'23502, 23503 (no such type), 23505 (another had it added at the same instant), 23514, 22007, '
'22008 (malformed).';
