-- Evidence is only ever added to.
CREATE OR REPLACE FUNCTION audit.guard_seals()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION 'rows of audit.seals cannot change'
    USING ERRCODE = 'ZA010',
        DETAIL = format('Refused: %s.', TG_OP),
        HINT = 'Seals are only ever added, by audit.seal().';
END;
$$;
COMMENT ON FUNCTION audit.guard_seals() IS
'Trigger (before update or delete, each row). Always raises ZA010.';
