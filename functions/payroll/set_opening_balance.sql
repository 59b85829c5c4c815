-- What an employee was paid this year before payroll paid.
CREATE OR REPLACE FUNCTION payroll.set_opening_balance(
    p_business_code text,
    p_employee_no text,
    p_year integer,
    p_gross numeric,
    p_taxable numeric,
    p_items jsonb,
    p_tenant_id integer DEFAULT NULL
)
RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_business identity.businesses;
    v_employee_id uuid;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'payroll.prepare');
    v_business := identity.resolve_business(p_tenant_id, p_business_code);
    v_employee_id := payroll.employee_of(p_tenant_id, v_business.id, p_employee_no);
    -- What process_run locks: either it sees this, or this sees what it sent.
    PERFORM FROM payroll.enrolments AS e
    WHERE e.tenant_id = p_tenant_id AND e.employee_id = v_employee_id
    FOR NO KEY UPDATE;
    PERFORM payroll.require_opening_items(
        p_tenant_id, v_employee_id, p_year, p_gross, p_taxable, p_items
    );
    IF EXISTS (
        SELECT FROM payroll.opening_balances AS o
        WHERE o.tenant_id = p_tenant_id
            AND o.employee_id = v_employee_id
            AND o.year = p_year
            AND (o.gross, o.taxable) = (p_gross, p_taxable)
    ) AND NOT EXISTS (
        SELECT
        FROM payroll.read_opening_items(p_items) AS n
        FULL JOIN (
            SELECT i.*
            FROM payroll.opening_balance_items AS i
            WHERE i.tenant_id = p_tenant_id AND i.employee_id = v_employee_id AND i.year = p_year
        ) AS i ON i.component = n.component
        WHERE (i.base, i.amount, i.employer_amount)
            IS DISTINCT FROM (n.base, n.amount, n.employer_amount)
    ) THEN
        RETURN false;
    END IF;
    INSERT INTO payroll.opening_balances AS o (
        tenant_id, business_id, employee_id, year, gross, taxable
    )
    VALUES (p_tenant_id, v_business.id, v_employee_id, p_year, p_gross, p_taxable)
    ON CONFLICT (tenant_id, employee_id, year) DO UPDATE
    SET
        gross = excluded.gross,
        taxable = excluded.taxable;
    DELETE FROM payroll.opening_balance_items AS i
    WHERE i.tenant_id = p_tenant_id AND i.employee_id = v_employee_id AND i.year = p_year;
    INSERT INTO payroll.opening_balance_items (
        tenant_id, business_id, employee_id, year, component, base, amount, employer_amount
    )
    SELECT
        p_tenant_id,
        v_business.id,
        v_employee_id,
        p_year,
        n.component,
        n.base,
        n.amount,
        n.employer_amount
    FROM payroll.read_opening_items(p_items) AS n;
    RETURN true;
END;
$$;
COMMENT ON FUNCTION payroll.set_opening_balance(
    text, text, integer, numeric, numeric, jsonb, integer
) IS
'Says what an employee was paid in a calendar year before payroll paid, so that what is due of the '
'year, and what is capped, comes out right; replaces what was said before. p_gross, p_taxable: the '
'sums of the year; p_items: a list of objects, for each component component, base (what the rates '
'were put to), amount (withheld) and employer_amount; each that counts over the year in the '
'employee''s jurisdiction is in it, with zeros if nothing was withheld. Returns whether anything '
'changed: the same again does nothing. Posts nothing. Runs that are calculated have to be '
'calculated again (ZY007). Needs payroll.prepare. Raises ZI001 to ZI007, ZI009 to ZI011 (token, '
'business, permission), ZY001 (no such employee, or not enrolled), ZY010 (pay of that year is in '
'the books), 22003 (more than 4 decimals), 22023 (items malformed, twice, missing, or more than '
'the gross), 22P02 (component), 23502, 23514 (malformed).';
