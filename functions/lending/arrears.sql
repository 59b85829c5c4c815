-- The loans that are late, the latest first.
CREATE OR REPLACE FUNCTION lending.arrears(
    p_as_of date DEFAULT NULL,
    p_business_code text DEFAULT NULL
)
RETURNS TABLE (
    business_code text,
    loan_no text,
    customer_no text,
    customer_name text,
    product_code text,
    branch_code text,
    officer text,
    currency_code text,
    principal numeric,
    arrears numeric,
    late_since date,
    days_past_due integer,
    is_restructured boolean,
    loan_id uuid
)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_business_ids integer[] := lending.readable_businesses(p_business_code);
BEGIN
    RETURN QUERY
    SELECT
        u.code::text,
        l.loan_no::text,
        c.customer_no::text,
        c.display_name::text,
        p.code::text,
        b.code::text,
        l.officer::text,
        a.currency_code,
        a.principal,
        a.arrears,
        a.late_since,
        a.days_past_due,
        a.is_restructured,
        a.loan_id
    FROM lending.arrears_as_of(
        identity.current_tenant(), v_business_ids, lending.report_day(p_as_of)
    ) AS a
    INNER JOIN lending.loans AS l ON l.tenant_id = identity.current_tenant() AND l.id = a.loan_id
    INNER JOIN identity.businesses AS u ON u.tenant_id = l.tenant_id AND u.id = l.business_id
    INNER JOIN lending.products AS p ON p.tenant_id = l.tenant_id AND p.id = l.product_id
    LEFT JOIN party.customers AS c ON c.tenant_id = l.tenant_id AND c.id = l.customer_id
    LEFT JOIN lending.branches AS b ON b.tenant_id = l.tenant_id AND b.id = l.branch_id
    WHERE a.days_past_due > 0
    ORDER BY a.days_past_due DESC, u.code COLLATE "C", l.loan_no COLLATE "C";
END;
$$;
COMMENT ON FUNCTION lending.arrears(date, text) IS
'The loans of one business, or of all that the token covers (NULL), with an instalment that was '
'late at the end of p_as_of (NULL: today): the principal owed, what of past instalments is not '
'paid (without penalties and fees charged by hand), since when and for how many days. Raises ZI001 '
'to ZI003 (token), ZI005 (no such business), 22023 (no such day).';
