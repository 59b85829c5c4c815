-- Have a customer join a group of borrowers.
CREATE OR REPLACE FUNCTION lending.add_group_member(
    p_business_code text,
    p_group_code text,
    p_customer_id uuid,
    p_joined_on date DEFAULT NULL,
    p_tenant_id integer DEFAULT NULL
)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_business identity.businesses;
    v_customer party.customers;
    v_group lending.groups;
    v_last lending.group_members;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'lending.originate');
    v_business := identity.resolve_business(p_tenant_id, p_business_code);
    v_customer := party.lock_customer(p_tenant_id, p_customer_id);
    v_group := lending.group_of(v_business, p_group_code);
    p_joined_on := coalesce(p_joined_on, current_date);
    SELECT m.* INTO v_last
    FROM lending.group_members AS m
    WHERE m.tenant_id = p_tenant_id
        AND m.group_id = v_group.id
        AND m.customer_id = p_customer_id
        AND coalesce(m.left_on, 'infinity') >= p_joined_on
    ORDER BY m.joined_on DESC
    LIMIT 1;
    IF FOUND OR NOT v_group.is_active THEN
        RAISE EXCEPTION 'customer % cannot join group % on that day', v_customer.customer_no,
            p_group_code
        USING ERRCODE = 'ZO037',
            DETAIL = CASE
                WHEN NOT v_group.is_active THEN 'The group is inactive.'
                WHEN v_last.left_on IS NULL THEN format('A member since %s.', v_last.joined_on)
                ELSE format('A member until %s.', v_last.left_on)
            END,
            HINT = 'See lending.group_members.';
    END IF;
    INSERT INTO lending.group_members (tenant_id, group_id, customer_id, business_id, joined_on)
    VALUES (p_tenant_id, v_group.id, p_customer_id, v_business.id, p_joined_on);
END;
$$;
COMMENT ON FUNCTION lending.add_group_member(text, text, uuid, date, integer) IS
'Has a customer be a member of a group from p_joined_on (NULL: today) on. Needs lending.originate. '
'Raises ZI001 to ZI007, ZI009 to ZI011 (token, business, permission), ZT001, ZT002 (no such '
'customer; anonymised), ZO036 (no such group), ZO037 (inactive, or a member then or later).';
