-- Say what a day did to all loans of a product.
CREATE OR REPLACE FUNCTION lending.emit_product_event(
    p_tenant_id integer,
    p_business_id integer,
    p_event_type text,
    p_product_id uuid,
    p_branch_id uuid,
    p_on date,
    p_amounts jsonb
)
RETURNS uuid
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT events.emit(
        p_tenant_id,
        p_event_type,
        p_product_id::text,
        jsonb_build_object(
            'on', p_on,
            'loan_id', NULL,
            'loan_no', NULL,
            'product_code', p.code,
            'branch_code', (
                SELECT b.code
                FROM lending.branches AS b
                WHERE b.tenant_id = p_tenant_id AND b.id = p_branch_id
            ),
            'currency_code', p.currency_code
        ) || p_amounts,
        p_business_id
    )
    FROM lending.products AS p
    WHERE p.tenant_id = p_tenant_id AND p.id = p_product_id;
$$;
COMMENT ON FUNCTION
lending.emit_product_event(integer, integer, text, uuid, uuid, date, jsonb) IS
'Emits an event of a product about its loans of one business and branch (NULL: of none), with '
'what all such events have and p_amounts, and returns its id. Internal. Raises what events.emit '
'raises.';
