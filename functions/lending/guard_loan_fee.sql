-- What a loan costs is decided with it.
CREATE OR REPLACE FUNCTION lending.guard_loan_fee()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_fee record := CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    v_loan record;
BEGIN
    IF TG_OP = 'UPDATE' AND (OLD.tenant_id, OLD.loan_id) <> (NEW.tenant_id, NEW.loan_id) THEN
        RAISE EXCEPTION 'fee % stays that of its loan', OLD.code
        USING ERRCODE = 'ZO033',
            HINT = 'Give the other loan a fee of its own.';
    END IF;
    -- Waits for a decision that is under way.
    SELECT
        l.loan_no,
        l.status
    INTO v_loan
    FROM lending.loans AS l
    WHERE l.tenant_id = v_fee.tenant_id AND l.id = v_fee.loan_id
    FOR SHARE;
    -- Not found: the foreign key answers.
    IF v_loan.status <> 'applied' THEN
        RAISE EXCEPTION 'the terms of loan % are decided', v_loan.loan_no
        USING ERRCODE = 'ZO033',
            HINT = 'Charge another fee with lending.charge_loan_fee, waive one with '
                'lending.waive_loan_balance.';
    END IF;
    RETURN v_fee;
END;
$$;
COMMENT ON FUNCTION lending.guard_loan_fee() IS
'Trigger (before insert, update or delete of lending.loan_fees, each row). Raises ZO033 (the loan '
'is decided, or the fee would become another loan''s).';
