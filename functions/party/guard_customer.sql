-- An anonymised customer stays so, and a number stays its customer's.
CREATE OR REPLACE FUNCTION party.guard_customer()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF OLD.status = 'anonymised' THEN
        RAISE EXCEPTION 'customer % is anonymised', OLD.customer_no
        USING ERRCODE = 'ZT002',
            HINT = 'Make a new customer if the person comes back.';
    ELSIF NEW.customer_no <> OLD.customer_no THEN
        RAISE EXCEPTION 'the number of a customer never changes'
        USING ERRCODE = 'ZT006',
            DETAIL = format('%s would become %s.', OLD.customer_no, NEW.customer_no),
            HINT = 'The books know the customer by it.';
    END IF;
    RETURN NEW;
END;
$$;
COMMENT ON FUNCTION party.guard_customer() IS
'Trigger (before update on party.customers, each row). Raises ZT002 (anonymised), ZT006 (another '
'customer_no).';
