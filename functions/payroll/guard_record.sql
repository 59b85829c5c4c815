-- What is sent to the books stays as it was sent; which states of a record follow which.
CREATE OR REPLACE FUNCTION payroll.guard_record()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.status <> 'pending' THEN
            RAISE EXCEPTION 'a new record is pending'
            USING ERRCODE = 'ZY003',
                HINT = 'See payroll.process_run.';
        END IF;
        RETURN NEW;
    ELSIF TG_OP = 'DELETE' THEN
        IF OLD.status <> 'pending' THEN
            RAISE EXCEPTION 'record % is % and stays', OLD.id, OLD.status
            USING ERRCODE = 'ZY004',
                HINT = 'See payroll.reverse_record.';
        END IF;
        RETURN OLD;
    END IF;
    IF NOT (NEW.status = 'pending' AND OLD.status = 'pending') AND (
        NEW.tenant_id, NEW.id, NEW.business_id, NEW.run_id, NEW.employee_id, NEW.employee_no,
        NEW.department_code, NEW.pay_date, NEW.attempt, NEW.gross, NEW.federal_tax,
        NEW.state_tax, NEW.social_security_tax, NEW.medicare_tax, NEW.paye, NEW.nssf, NEW.shif,
        NEW.housing_levy, NEW.other_deductions, NEW.employer_social_security,
        NEW.employer_medicare, NEW.employer_nssf, NEW.employer_housing_levy, NEW.ytd_gross
    ) IS DISTINCT FROM (
        OLD.tenant_id, OLD.id, OLD.business_id, OLD.run_id, OLD.employee_id, OLD.employee_no,
        OLD.department_code, OLD.pay_date, OLD.attempt, OLD.gross, OLD.federal_tax,
        OLD.state_tax, OLD.social_security_tax, OLD.medicare_tax, OLD.paye, OLD.nssf, OLD.shif,
        OLD.housing_levy, OLD.other_deductions, OLD.employer_social_security,
        OLD.employer_medicare, OLD.employer_nssf, OLD.employer_housing_levy, OLD.ytd_gross
    ) THEN
        RAISE EXCEPTION 'record % is % and does not change', OLD.id, OLD.status
        USING ERRCODE = 'ZY004',
            HINT = 'Reverse it with payroll.reverse_record, and calculate the run again.';
    END IF;
    IF NEW.status <> OLD.status AND NEW.status <> ALL (CASE OLD.status
        WHEN 'pending' THEN '{processing, processed}'
        WHEN 'processing' THEN '{processed, pending}'
        WHEN 'processed' THEN '{paid, reversing, reversed}'
        WHEN 'paid' THEN '{processed, reversing, reversed}'
        WHEN 'reversing' THEN '{reversed, processed, paid}'
        ELSE '{}'
    END::payroll.record_status[])
    THEN
        RAISE EXCEPTION 'record % is % and cannot be %', OLD.id, OLD.status, NEW.status
        USING ERRCODE = 'ZY003',
            HINT = 'A record is pending, sent to the books, processed, paid, reversed.';
    END IF;
    RETURN NEW;
END;
$$;
COMMENT ON FUNCTION payroll.guard_record() IS
'Trigger (before insert, update or delete of payroll.payroll_records, each row). Raises ZY003 '
'(state out of turn), ZY004 (what was sent to the books would change or go).';
