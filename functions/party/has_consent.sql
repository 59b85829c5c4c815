-- May a customer be written to, or its data used, for a purpose?
CREATE OR REPLACE FUNCTION party.has_consent(
    p_customer_id uuid,
    p_purpose text,
    p_if_never_asked boolean DEFAULT false
)
RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce((
        SELECT CASE
            WHEN c.status = 'anonymised' THEN false
            ELSE coalesce((
                SELECT k.decision = 'granted'
                FROM party.consents AS k
                WHERE k.tenant_id = c.tenant_id AND k.customer_id = c.id AND k.purpose = p_purpose
                ORDER BY k.decided_at DESC, k.id DESC
                LIMIT 1
            ), p_if_never_asked)
        END
        FROM party.customers AS c
        WHERE c.id = p_customer_id
    ), false);
$$;
COMMENT ON FUNCTION party.has_consent(uuid, text, boolean) IS
'Whether the customer''s latest decision about a purpose, such as sms_reminders, is that it '
'agrees; p_if_never_asked where there is none (true for what the law allows until somebody opts '
'out). False for a customer that is anonymised, unknown, or of another tenant. Runs under row '
'security. Raises ZI002, ZI003, ZI009, ZI010 (token).';
