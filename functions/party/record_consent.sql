-- A customer agreed to something.
CREATE OR REPLACE FUNCTION party.record_consent(
    p_customer_id uuid,
    p_purpose text,
    p_source text,
    p_decided_at timestamptz DEFAULT NULL,
    p_tenant_id integer DEFAULT NULL
)
RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_id uuid := core.uuid_v7();
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'party.manage_customers');
    PERFORM party.lock_customer(p_tenant_id, p_customer_id);
    INSERT INTO party.consents (
        tenant_id, id, customer_id, purpose, decision, decided_at, source
    )
    VALUES (
        p_tenant_id, v_id, p_customer_id, p_purpose, 'granted', coalesce(p_decided_at, now()),
        p_source
    );
    RETURN v_id;
END;
$$;
COMMENT ON FUNCTION party.record_consent(uuid, text, text, timestamptz, integer) IS
'Records that a customer agreed to a purpose and returns the id of the row in party.consents. '
'p_purpose such as sms_reminders, p_source such as paper_form: lower-case letters and _; '
'p_decided_at: when, if not just now. The latest decision counts. Needs party.manage_customers. '
'Raises ZI001 to ZI004, ZI009 to ZI011 (token, permission), ZT001 (no such customer), ZT002 '
'(anonymised), 23502, 23514 (malformed, or in the future).';
