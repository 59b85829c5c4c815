-- Change what is known of a customer, unless somebody else did meanwhile.
CREATE OR REPLACE FUNCTION party.update_customer(
    p_customer_id uuid,
    p_changes jsonb,
    p_version integer,
    p_tenant_id integer DEFAULT NULL
)
RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_new party.customers;
    v_version integer;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'party.manage_customers');
    v_new := party.lock_customer(p_tenant_id, p_customer_id);
    PERFORM core.require_known(p_changes, ARRAY[
        'kind', 'display_name', 'given_name', 'family_name', 'organisation_name', 'email',
        'phone_encrypted', 'phone_hash', 'birth_date', 'locale', 'status'
    ]);
    v_new := jsonb_populate_record(v_new, p_changes);
    IF v_new.status = 'anonymised' THEN
        RAISE EXCEPTION 'a customer is not anonymised by a change of status'
        USING ERRCODE = 'invalid_parameter_value',
            HINT = 'Use party.anonymise.';
    END IF;
    UPDATE party.customers AS c
    SET kind = v_new.kind,
        display_name = v_new.display_name,
        given_name = v_new.given_name,
        family_name = v_new.family_name,
        organisation_name = v_new.organisation_name,
        email = v_new.email,
        phone_encrypted = v_new.phone_encrypted,
        phone_hash = v_new.phone_hash,
        birth_date = v_new.birth_date,
        locale = v_new.locale,
        status = v_new.status,
        version = p_version
    WHERE c.tenant_id = p_tenant_id AND c.id = p_customer_id
    RETURNING c.version INTO v_version;
    RETURN v_version;
END;
$$;
COMMENT ON FUNCTION party.update_customer(uuid, jsonb, integer, integer) IS
'Changes what p_changes names, by columns of party.customers: {"email": "m@example.com", '
'"birth_date": null}; the customer_no stays. p_version is the version that the caller has read; '
'returns the new one. display_name does not follow the other names. Needs party.manage_customers. '
'Raises ZI001 to ZI004, ZI009 to ZI011 (token, permission), ZK001 (changed meanwhile: read it '
'again), ZT001 (no such customer), ZT002 (anonymised), 22023 (unknown key), 23502, 23514, 22P02, '
'22007, 22008 (malformed).';
