-- Books keep the currency they were begun in.
CREATE OR REPLACE FUNCTION ledger.guard_functional_currency()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM FROM identity.businesses AS b
    WHERE b.tenant_id = OLD.tenant_id AND b.id = OLD.id
    FOR UPDATE;
    IF EXISTS (
        SELECT FROM ledger.all_journal_entries AS e
        WHERE e.tenant_id = OLD.tenant_id AND e.business_id = OLD.id
    ) THEN
        RAISE EXCEPTION 'business % has journal entries: its currency cannot change', OLD.code
        USING ERRCODE = 'ZL018',
            HINT = 'Make another business for books in another currency.';
    END IF;
    RETURN NEW;
END;
$$;
COMMENT ON FUNCTION ledger.guard_functional_currency() IS
'Trigger (before update of currency_code of identity.businesses, each row). Raises ZL018 when '
'the business has journal entries.';
