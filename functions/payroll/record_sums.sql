-- What the items of a record sum up to.
CREATE OR REPLACE FUNCTION payroll.record_sums(p_tenant_id integer, p_record_id uuid)
RETURNS TABLE (
    gross numeric,
    federal_tax numeric,
    state_tax numeric,
    social_security_tax numeric,
    medicare_tax numeric,
    paye numeric,
    nssf numeric,
    shif numeric,
    housing_levy numeric,
    other_deductions numeric,
    employer_social_security numeric,
    employer_medicare numeric,
    employer_nssf numeric,
    employer_housing_levy numeric
)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT
        coalesce(sum(i.amount) FILTER (WHERE i.kind = 'earning'), 0)
        - coalesce(sum(i.amount) FILTER (WHERE i.kind = 'absence'), 0),
        coalesce(sum(i.amount) FILTER (WHERE s.code = 'federal_tax'), 0),
        coalesce(sum(i.amount) FILTER (WHERE s.code = 'state_tax'), 0),
        coalesce(sum(i.amount) FILTER (WHERE s.code = 'social_security_tax'), 0),
        coalesce(sum(i.amount) FILTER (WHERE s.code = 'medicare_tax'), 0),
        coalesce(sum(i.amount) FILTER (WHERE s.code = 'paye'), 0),
        coalesce(sum(i.amount) FILTER (WHERE s.code = 'nssf'), 0),
        coalesce(sum(i.amount) FILTER (WHERE s.code = 'shif'), 0),
        coalesce(sum(i.amount) FILTER (WHERE s.code = 'housing_levy'), 0),
        coalesce(sum(i.amount) FILTER (WHERE i.kind = 'deduction'), 0),
        coalesce(sum(i.employer_amount) FILTER (WHERE s.code = 'social_security_tax'), 0),
        coalesce(sum(i.employer_amount) FILTER (WHERE s.code = 'medicare_tax'), 0),
        coalesce(sum(i.employer_amount) FILTER (WHERE s.code = 'nssf'), 0),
        coalesce(sum(i.employer_amount) FILTER (WHERE s.code = 'housing_levy'), 0)
    FROM payroll.record_items AS i
    CROSS JOIN LATERAL (SELECT CASE WHEN i.kind = 'statutory' THEN i.code END AS code) AS s
    WHERE i.tenant_id = p_tenant_id AND i.record_id = p_record_id;
$$;
COMMENT ON FUNCTION payroll.record_sums(integer, uuid) IS
'The sums of the items of a record, one row. Internal.';
