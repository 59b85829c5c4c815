-- requires: identity.current_tenant
-- The next number of a series, without gaps: the counter's row stays locked until the transaction
-- ends.
CREATE OR REPLACE FUNCTION core.next_number(
    p_series text,
    p_business_id integer DEFAULT 0,
    p_tenant_id integer DEFAULT identity.current_tenant()
)
RETURNS bigint
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_number bigint;
BEGIN
    INSERT INTO core.document_counters AS c (tenant_id, business_id, series, last_number)
    VALUES (p_tenant_id, p_business_id, p_series, 1)
    ON CONFLICT (tenant_id, business_id, series) DO UPDATE SET last_number = c.last_number + 1
    RETURNING c.last_number INTO v_number;
    RETURN v_number;
END;
$$;
COMMENT ON FUNCTION core.next_number(text, integer, integer) IS
'The next number of a series of a tenant (p_business_id 0) or business, from 1, without gaps: a '
'rollback gives it back, and others wait for the commit. Internal: called by functions that have '
'entered the tenant.';
