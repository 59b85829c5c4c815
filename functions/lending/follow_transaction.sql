-- A reversal is of the loan and the business of what it reverses.
CREATE OR REPLACE FUNCTION lending.follow_transaction()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    SELECT
        t.business_id,
        t.loan_id
    INTO
        NEW.business_id,
        NEW.loan_id
    FROM lending.transactions AS t
    WHERE t.tenant_id = NEW.tenant_id AND t.id = NEW.transaction_id;
    -- Not found: the foreign key answers.
    RETURN NEW;
END;
$$;
COMMENT ON FUNCTION lending.follow_transaction() IS
'Trigger (before insert of lending.reversals, each row): sets business_id and loan_id.';
