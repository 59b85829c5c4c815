-- Where charges are counted next.
CREATE OR REPLACE FUNCTION lending.next_stop(p_stop date, p_through date)
RETURNS date
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN least(
        p_through, (date_trunc('month', p_stop + 1) + interval '1 month - 1 day')::date
    );
END;
$$;
COMMENT ON FUNCTION lending.next_stop(date, date) IS
'The first last day of a month after p_stop, but p_through at the latest. Internal.';
