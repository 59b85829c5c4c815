-- Lock what the daily jobs of businesses change, before any of it is changed.
CREATE OR REPLACE FUNCTION lending.lock_open_loans(p_tenant_id integer, p_business_ids integer[])
RETURNS uuid[]
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_loan_ids uuid[];
BEGIN
    -- Jobs that emit events of the same products run one after the other.
    PERFORM
    FROM lending.products AS p
    WHERE p.tenant_id = p_tenant_id
        AND (p.business_id IS NULL OR p.business_id = ANY (p_business_ids))
    ORDER BY p.id
    FOR NO KEY UPDATE;
    SELECT array_agg(o.id) INTO v_loan_ids
    FROM (
        SELECT l.id
        FROM lending.loans AS l
        WHERE l.tenant_id = p_tenant_id
            AND l.business_id = ANY (p_business_ids)
            AND (l.status IN ('active', 'restructured', 'defaulted') OR l.id IN (
                SELECT b.loan_id
                FROM lending.loan_balances AS b
                WHERE b.tenant_id = p_tenant_id AND b.allowance > 0
            ))
        ORDER BY l.id
        FOR NO KEY UPDATE
    ) AS o;
    RETURN coalesce(v_loan_ids, '{}');
END;
$$;
COMMENT ON FUNCTION lending.lock_open_loans(integer, integer[]) IS
'Locks the products of businesses, then all loans of theirs on which something is owed or for '
'which something is set aside, each in the order of their ids, until the transaction ends, and '
'returns the ids of the loans. A loan that is paid out meanwhile is for the next run: waiting for '
'it after something was posted could be waiting crosswise. Internal: for jobs that have entered '
'the tenant, before anything else.';
