-- Whose loan is not at its end cannot be forgotten.
CREATE OR REPLACE FUNCTION lending.objection(p_tenant_id integer, p_customer_id uuid)
RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT format('loan %s is %s', l.loan_no, l.status)
    FROM lending.loans AS l
    WHERE l.tenant_id = p_tenant_id
        AND l.status NOT IN ('rejected', 'closed')
        AND (
            l.customer_id = p_customer_id
            OR l.id IN (
                SELECT g.loan_id
                FROM lending.guarantors AS g
                WHERE g.tenant_id = p_tenant_id
                    AND g.customer_id = p_customer_id
                    AND g.released_on IS NULL
            )
        )
    ORDER BY l.loan_no
    LIMIT 1;
$$;
COMMENT ON FUNCTION lending.objection(integer, uuid) IS
'Why a customer cannot be anonymised: a loan of the customer, or for which the customer answers, '
'is applied for, paid out and not closed, overpaid (money is to be returned) or written off (a '
'claim is left); NULL: no reason. Called by party.anonymise. Internal.';
