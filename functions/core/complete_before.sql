-- Before which instant no open transaction began: nothing more will come under such a time.
CREATE OR REPLACE FUNCTION core.complete_before(
    p_seals regclass,
    p_tenant_id integer,
    p_known timestamptz,
    p_open text[]
)
RETURNS timestamptz
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_instant timestamptz;
BEGIN
    -- A prepared transaction is in no list; it wrote under the time of its start, or later.
    IF EXISTS (SELECT FROM pg_prepared_xacts AS x WHERE x.database = current_database()) THEN
        RETURN p_known;
    END IF;
    IF cardinality(p_open) = 0 THEN
        v_instant := now();
    ELSE
        EXECUTE format(
            'SELECT max(s.sealed_at) FROM %s AS s '
            'WHERE s.tenant_id = $1 AND s.sealed_at > coalesce($2, ''-infinity'') '
            'AND NOT s.open_transactions && $3',
            p_seals
        )
        INTO v_instant
        USING p_tenant_id, p_known, p_open;
    END IF;
    -- Clocks are set back by moments, and those of a standby that takes over may differ.
    RETURN greatest(p_known, v_instant - interval '1 minute');
END;
$$;
COMMENT ON FUNCTION core.complete_before(regclass, integer, timestamptz, text[]) IS
'The instant before which no transaction that is still open began, less a minute: now, or the '
'time of the last seal of the chain whose open transactions have all ended; never earlier than '
'p_known. NULL: not known. p_seals: a table of the shape of core.seal; p_open: '
'core.open_transactions(). Internal.';
