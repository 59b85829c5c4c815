-- TRUNCATE fires no trigger for the rows that go, so nothing would tell of them.
CREATE OR REPLACE FUNCTION audit.refuse_truncate()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION 'table % cannot be truncated', TG_ARGV[0]
    USING ERRCODE = 'ZA001',
        DETAIL = 'Its rows would go without a trace in audit.log.',
        HINT = 'Use DELETE.';
END;
$$;
COMMENT ON FUNCTION audit.refuse_truncate() IS
'Trigger (before truncate, statement; argument: the table''s name). Always raises ZA001.';
