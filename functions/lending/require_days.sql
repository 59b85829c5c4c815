-- Days past due that somebody gives must be some.
CREATE OR REPLACE FUNCTION lending.require_days(p_days integer[])
RETURNS void
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF coalesce(cardinality(p_days), 0) = 0
        OR array_position(p_days, NULL) IS NOT NULL
        OR NOT 1 <= ALL (p_days)
        OR NOT 36600 >= ALL (p_days)
    THEN
        RAISE EXCEPTION 'not a number of days past due: %', coalesce(p_days::text, 'NULL')
        USING ERRCODE = 'invalid_parameter_value',
            HINT = 'Give whole numbers from 1 to 36600.';
    END IF;
END;
$$;
COMMENT ON FUNCTION lending.require_days(integer[]) IS
'Raises 22023 unless there are numbers, all from 1 to 36600. Internal.';
