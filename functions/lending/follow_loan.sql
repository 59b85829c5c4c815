-- What secures a loan is the borrower's, for whom it is exported and made unknown.
CREATE OR REPLACE FUNCTION lending.follow_loan()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    SELECT l.customer_id INTO NEW.customer_id
    FROM lending.loans AS l
    WHERE l.tenant_id = NEW.tenant_id AND l.id = NEW.loan_id;
    -- Not found: the foreign key answers.
    RETURN NEW;
END;
$$;
COMMENT ON FUNCTION lending.follow_loan() IS
'Trigger (before insert of lending.collaterals, each row): sets customer_id.';
