-- A loan by its id, locked, if the token's businesses have it.
CREATE OR REPLACE FUNCTION lending.lock_loan(p_tenant_id integer, p_loan_id uuid)
RETURNS lending.loans
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_loan lending.loans;
    v_allowed text := current_setting('pgerp.business_ids', true);
BEGIN
    SELECT l.* INTO v_loan
    FROM lending.loans AS l
    WHERE l.tenant_id = p_tenant_id
        AND l.id = p_loan_id
        AND (v_allowed = '*' OR v_allowed::jsonb @> to_jsonb(l.business_id))
    FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such loan: %', coalesce(p_loan_id::text, 'NULL')
        USING ERRCODE = 'ZO010',
            HINT = 'See lending.loans for the ids that the token covers.';
    END IF;
    RETURN v_loan;
END;
$$;
COMMENT ON FUNCTION lending.lock_loan(integer, uuid) IS
'The loan, locked until the transaction ends: whatever changes a loan or its balances begins with '
'it. Internal: for functions that have entered the tenant. Raises ZO010 (no such loan, or of a '
'business that the token does not cover).';
