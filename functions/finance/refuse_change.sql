-- A stored report stays as it is.
CREATE OR REPLACE FUNCTION finance.refuse_change()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION 'rows of finance.financial_reports never change'
    USING ERRCODE = 'ZF006',
        DETAIL = 'They say what statements said, and when.',
        HINT = 'Store another report.';
END;
$$;
COMMENT ON FUNCTION finance.refuse_change() IS
'Trigger (before update or delete of finance.financial_reports, each row). Always raises ZF006.';
