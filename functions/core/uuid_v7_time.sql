-- The instant in a uuid version 7.
CREATE OR REPLACE FUNCTION core.uuid_v7_time(p_id uuid)
RETURNS timestamptz
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN to_timestamp(
        ('x' || left(replace(p_id::text, '-', ''), 12))::bit(48)::bigint / 1000.0
    );
END;
$$;
COMMENT ON FUNCTION core.uuid_v7_time(uuid) IS
'The instant at which a uuid version 7 was made, to the millisecond; the inverse of '
'core.uuid_v7_floor.';
