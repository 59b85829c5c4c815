-- Stop a posting rule, or let it go on.
CREATE OR REPLACE FUNCTION ledger.set_posting_rule_active(
    p_event_type text,
    p_is_active boolean,
    p_business_code text DEFAULT NULL,
    p_tenant_id integer DEFAULT NULL
)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_business identity.businesses;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'ledger.manage_posting_rules');
    v_business := ledger.business_of_rule(p_tenant_id, p_business_code);
    UPDATE ledger.posting_rules AS r
    SET is_active = p_is_active
    WHERE r.tenant_id = p_tenant_id
        AND r.event_type = p_event_type
        AND r.business_id IS NOT DISTINCT FROM v_business.id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no posting rule for %', coalesce(p_event_type, 'NULL')
        USING ERRCODE = 'ZL090',
            HINT = 'See ledger.posting_rules; ledger.save_posting_rule makes one.';
    END IF;
END;
$$;
COMMENT ON FUNCTION ledger.set_posting_rule_active(text, boolean, text, integer) IS
'Makes the posting rule of a type of event and a business (NULL: the rule for all) inactive or '
'active again. While it is inactive events of the type fail with ZL091: they are neither posted '
'nor lost. Raises ZI001 to ZI007, ZI009 to ZI011 (token, business), ZL090 (no such rule), 23502 '
'(NULL), and what ledger.save_posting_rule says of a rule that fits its type or accounts no more.';
