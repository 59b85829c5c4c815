-- One at a time changes the fiscal calendar of a business: what it then reads is all there is.
CREATE OR REPLACE FUNCTION ledger.lock_fiscal_calendar(p_tenant_id integer, p_business_id integer)
RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'the fiscal calendar can only be changed in a READ COMMITTED transaction'
        USING ERRCODE = 'active_sql_transaction',
            DETAIL = 'An older snapshot could not see a year or period made meanwhile.',
            HINT = 'Start the transaction with ISOLATION LEVEL READ COMMITTED.';
    END IF;
    PERFORM FROM identity.businesses AS b
    WHERE b.tenant_id = p_tenant_id AND b.id = p_business_id
    FOR NO KEY UPDATE;
END;
$$;
COMMENT ON FUNCTION ledger.lock_fiscal_calendar(integer, integer) IS
'Locks the business until the transaction ends, so that checks for overlapping years and periods '
'see all of them. Internal. Raises 25001 outside READ COMMITTED.';
