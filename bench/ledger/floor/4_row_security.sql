-- Step 4: row security as the product makes it, and a function of the owner, which the client calls
-- and which alone writes. The tenant it works for is a setting of the session, not proved.
SET ROLE pgerp_owner;
SELECT core.secure_table(c.oid)
FROM pg_class AS c
WHERE c.relnamespace = '{schema}'::regnamespace AND c.relkind IN ('r', 'p');
REVOKE ALL ON {schema}.entries, {schema}.lines FROM pgerp_bench;
REVOKE ALL ON SEQUENCE {schema}.entry_numbers FROM pgerp_bench;
CREATE FUNCTION {schema}.post(
    p_tenant_id integer,
    p_business_id integer,
    p_period_id uuid,
    p_date date,
    p_description text,
    p_debit uuid,
    p_credit uuid,
    p_amount numeric
)
RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_id uuid := core.uuid_v7();
BEGIN
    WITH entry AS (
        INSERT INTO {schema}.entries (
            tenant_id, id, business_id, period_id, entry_date, status, description, posted_at,
            created_at, created_by, last_modified_at, last_modified_by, entry_number
        )
        VALUES (
            p_tenant_id, v_id, p_business_id, p_period_id, p_date, 'POSTED', p_description, now(),
            now(), 'bench', now(), 'bench', nextval('{schema}.entry_numbers')
        )
    )

    INSERT INTO {schema}.lines (
        tenant_id, entry_id, line_no, account_id, business_id, entry_date, amount
    )
    VALUES
    (p_tenant_id, v_id, 1, p_debit, p_business_id, p_date, p_amount),
    (p_tenant_id, v_id, 2, p_credit, p_business_id, p_date, -p_amount);
    RETURN v_id;
END;
$$;
GRANT EXECUTE ON FUNCTION {schema}.post(
    integer, integer, uuid, date, text, uuid, uuid, numeric
) TO pgerp_bench;
RESET ROLE;
