-- A new customer of the tenant, for all its businesses.
CREATE OR REPLACE FUNCTION party.create_customer(
    p_customer jsonb,
    p_allow_duplicate boolean DEFAULT false,
    p_tenant_id integer DEFAULT NULL
)
RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_id uuid := core.uuid_v7();
    v_new party.customers;
    v_hashes text[];
    v_other text;
    v_number text;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'party.manage_customers');
    PERFORM core.require_known(p_customer, ARRAY[
        'customer_no', 'kind', 'display_name', 'given_name', 'family_name', 'organisation_name',
        'email', 'phone_encrypted', 'phone_hash', 'other_phone_hashes', 'birth_date', 'locale',
        'status'
    ]);
    v_new := jsonb_populate_record(v_new, p_customer - 'other_phone_hashes');
    IF v_new.status = 'anonymised' THEN
        RAISE EXCEPTION 'a new customer is not anonymised'
        USING ERRCODE = 'invalid_parameter_value',
            HINT = 'Give active, inactive or suspended, or leave the status out.';
    END IF;
    v_hashes := array_remove(v_new.phone_hash || ARRAY(
        SELECT h.hash FROM jsonb_array_elements_text(p_customer -> 'other_phone_hashes') AS h (hash)
    ), NULL);
    -- Twice at the same instant passes: that several share a number is no offence.
    IF p_allow_duplicate IS NOT true AND v_hashes <> '{}' THEN
        SELECT f.customer_no INTO v_other
        FROM party.find_customers_by_phone(v_hashes) AS f
        ORDER BY f.customer_no
        LIMIT 1;
        IF FOUND THEN
            RAISE EXCEPTION 'a customer with that phone number is there already'
            USING ERRCODE = 'ZT005',
                DETAIL = format('It is the number of %s.', v_other),
                HINT = 'Use that customer, or pass p_allow_duplicate if they share the phone.';
        END IF;
    END IF;
    WHILE v_new.customer_no IS NULL LOOP
        v_number := core.next_number('customer', 0, p_tenant_id);
        v_number := 'C' || lpad(v_number, greatest(6, length(v_number)), '0');
        -- Somebody may have given it already.
        IF NOT EXISTS (
            SELECT FROM party.customers AS c
            WHERE c.tenant_id = p_tenant_id AND c.customer_no = v_number
        ) THEN
            v_new.customer_no := v_number;
        END IF;
    END LOOP;
    INSERT INTO party.customers (
        tenant_id, id, customer_no, kind, display_name, given_name, family_name, organisation_name,
        email, phone_encrypted, phone_hash, birth_date, locale, status
    )
    VALUES (
        p_tenant_id,
        v_id,
        v_new.customer_no,
        coalesce(v_new.kind, CASE
            WHEN v_new.organisation_name IS NULL THEN 'person' ELSE 'organisation'
        END::party.customer_kind),
        coalesce(v_new.display_name, v_new.organisation_name, nullif(
            concat_ws(' ', v_new.given_name, v_new.family_name), ''
        )),
        v_new.given_name,
        v_new.family_name,
        v_new.organisation_name,
        v_new.email,
        v_new.phone_encrypted,
        v_new.phone_hash,
        v_new.birth_date,
        v_new.locale,
        coalesce(v_new.status, 'active')
    );
    RETURN v_id;
END;
$$;
COMMENT ON FUNCTION party.create_customer(jsonb, boolean, integer) IS
'Makes a customer and returns its id. p_customer has columns of party.customers as keys, a name at '
'least: {"given_name": "Mary", "family_name": "Wanjiku", "phone_encrypted": "…", "phone_hash": '
'"…"}; display_name is made of the names, customer_no of a counter (C000001), kind by whether '
'there is an organisation_name, where they are left out. other_phone_hashes: hashes of the same '
'phone under other live keys. p_allow_duplicate: although another customer has that phone. Needs '
'party.manage_customers. Raises ZI001 to ZI004, ZI009 to ZI011 (token, permission), ZT005 (phone '
'known), 22023 (unknown key), 23502, 23514, 22P02, 22007, 22008 (malformed), 23505 (customer_no '
'taken).';
