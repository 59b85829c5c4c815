-- A report is stored with the digest of what it says.
CREATE OR REPLACE FUNCTION finance.prepare_report()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    NEW.content_sha256 := sha256(convert_to(NEW.content::text, 'UTF8'));
    RETURN NEW;
END;
$$;
COMMENT ON FUNCTION finance.prepare_report() IS
'Trigger (before insert into finance.financial_reports, each row): sets content_sha256, whatever '
'is given.';
