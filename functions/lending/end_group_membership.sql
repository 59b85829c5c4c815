-- Have a customer leave a group of borrowers.
CREATE OR REPLACE FUNCTION lending.end_group_membership(
    p_business_code text,
    p_group_code text,
    p_customer_id uuid,
    p_left_on date DEFAULT NULL,
    p_tenant_id integer DEFAULT NULL
)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_business identity.businesses;
    v_group lending.groups;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'lending.originate');
    v_business := identity.resolve_business(p_tenant_id, p_business_code);
    v_group := lending.group_of(v_business, p_group_code);
    UPDATE lending.group_members AS m
    SET left_on = coalesce(p_left_on, current_date)
    WHERE m.tenant_id = p_tenant_id
        AND m.group_id = v_group.id
        AND m.customer_id = p_customer_id
        AND m.left_on IS NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such member of group %', p_group_code
        USING ERRCODE = 'ZO036',
            HINT = 'See lending.group_members for who is in it.';
    END IF;
END;
$$;
COMMENT ON FUNCTION lending.end_group_membership(text, text, uuid, date, integer) IS
'Has a customer be a member of a group until p_left_on (NULL: today); loans stay as they are. '
'Needs lending.originate. Raises ZI001 to ZI007, ZI009 to ZI011 (token, business, permission), '
'ZO036 (no such group, or the customer is no member), 23514 (p_left_on is before the first day).';
