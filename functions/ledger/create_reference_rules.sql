-- Give the tenant the posting rules that come with pgerp, as far as it has none of its own.
CREATE OR REPLACE FUNCTION ledger.create_reference_rules(
    p_event_types text[] DEFAULT NULL,
    p_tenant_id integer DEFAULT NULL
)
RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_rules jsonb[];
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'ledger.manage_posting_rules');
    PERFORM ledger.business_of_rule(p_tenant_id, NULL);
    v_rules := ARRAY(
        SELECT d.rule
        FROM ledger.reference_posting_rules AS d
        WHERE (p_event_types IS NULL OR d.event_type = ANY (p_event_types))
            AND NOT EXISTS (
                SELECT FROM ledger.posting_rules AS r
                WHERE r.tenant_id = p_tenant_id
                    AND r.event_type = d.event_type
                    AND r.business_id IS NULL
            )
        ORDER BY d.event_type
    );
    PERFORM ledger.save_posting_rule(n.rule, p_tenant_id)
    FROM unnest(v_rules) AS n (rule);
    RETURN cardinality(v_rules);
END;
$$;
COMMENT ON FUNCTION ledger.create_reference_rules(text[], integer) IS
'Saves each rule of ledger.reference_posting_rules (p_event_types: of these types only) for all '
'businesses of the tenant, unless it has one for the type; returns how many. Run it again after '
'an upgrade. Raises what ledger.save_posting_rule raises, such as ZL024 when no account has a '
'role yet; then none is saved.';
