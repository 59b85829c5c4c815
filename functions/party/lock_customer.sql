-- A customer who is going to be changed.
CREATE OR REPLACE FUNCTION party.lock_customer(p_tenant_id integer, p_customer_id uuid)
RETURNS party.customers
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_customer party.customers;
BEGIN
    SELECT c.* INTO v_customer
    FROM party.customers AS c
    WHERE c.tenant_id = p_tenant_id AND c.id = p_customer_id
    FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such customer: %', coalesce(p_customer_id::text, 'NULL')
        USING ERRCODE = 'ZT001',
            HINT = 'Find the id with party.find_customers.';
    ELSIF v_customer.status = 'anonymised' THEN
        RAISE EXCEPTION 'customer % is anonymised', v_customer.customer_no
        USING ERRCODE = 'ZT002',
            HINT = 'Make a new customer if the person comes back.';
    END IF;
    RETURN v_customer;
END;
$$;
COMMENT ON FUNCTION party.lock_customer(integer, uuid) IS
'The customer, locked against other changes. Internal: for functions that have entered the tenant. '
'Raises ZT001 (no such customer), ZT002 (anonymised).';
