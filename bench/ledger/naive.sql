-- What most ledgers begin as: a function that writes an entry and updates one balance row per
-- account and period, in the order of the accounts. It checks nothing.
CREATE TABLE naive.balances (
    tenant_id integer NOT NULL,
    account_id uuid NOT NULL,
    business_id integer NOT NULL,
    period_id uuid NOT NULL,
    debit numeric(20, 4) NOT NULL,
    credit numeric(20, 4) NOT NULL,
    PRIMARY KEY (tenant_id, account_id, business_id, period_id)
) WITH (fillfactor = 50);
CREATE FUNCTION naive.post(
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
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_id uuid := core.uuid_v7();
BEGIN
    INSERT INTO naive.entries (
        tenant_id, id, business_id, period_id, entry_date, status, description, posted_at,
        created_at, created_by, last_modified_at, last_modified_by, entry_number
    )
    VALUES (
        p_tenant_id, v_id, p_business_id, p_period_id, p_date, 'POSTED', p_description, now(),
        now(), 'bench', now(), 'bench', nextval('naive.entry_numbers')
    );
    INSERT INTO naive.lines (
        tenant_id, entry_id, line_no, account_id, business_id, entry_date, amount
    )
    VALUES
    (p_tenant_id, v_id, 1, p_debit, p_business_id, p_date, p_amount),
    (p_tenant_id, v_id, 2, p_credit, p_business_id, p_date, -p_amount);
    INSERT INTO naive.balances AS b
    SELECT p_tenant_id, l.account_id, p_business_id, p_period_id, l.debit, l.credit
    FROM (VALUES (p_debit, p_amount, 0), (p_credit, 0, p_amount)) AS l (account_id, debit, credit)
    ORDER BY l.account_id
    ON CONFLICT (tenant_id, account_id, business_id, period_id)
    DO UPDATE SET debit = b.debit + excluded.debit, credit = b.credit + excluded.credit;
    RETURN v_id;
END;
$$;
GRANT SELECT, INSERT, UPDATE ON naive.balances TO pgerp_bench;
GRANT EXECUTE ON FUNCTION naive.post(
    integer, integer, uuid, date, text, uuid, uuid, numeric
) TO pgerp_bench;
