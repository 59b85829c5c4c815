-- Nothing is added to a customer who is anonymised.
CREATE OR REPLACE FUNCTION party.guard_part()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_status party.customer_status;
BEGIN
    -- Waits for an anonymisation that is under way, which in turn waits for us; and reads what is
    -- there then.
    SELECT c.status INTO v_status
    FROM party.customers AS c
    WHERE c.tenant_id = NEW.tenant_id AND c.id = NEW.customer_id
    FOR KEY SHARE;
    IF v_status = 'anonymised' THEN
        RAISE EXCEPTION 'the customer is anonymised'
        USING ERRCODE = 'ZT002',
            DETAIL = format('Refused: a row of %s.', TG_ARGV[0]),
            HINT = 'Make a new customer if the person comes back.';
    END IF;
    RETURN NEW;
END;
$$;
COMMENT ON FUNCTION party.guard_part() IS
'Trigger (before insert or update, each row; argument: the table''s name) for tables with a column '
'customer_id, of domains too. Raises ZT002 (the customer is anonymised).';
