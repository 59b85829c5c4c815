-- Before which instant no open transaction began: nothing more will be posted under such a time.
CREATE OR REPLACE FUNCTION ledger.complete_before(
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
    -- A prepared transaction is in no list; it posted under the time of its start.
    IF EXISTS (SELECT FROM pg_prepared_xacts AS x WHERE x.database = current_database()) THEN
        RETURN p_known;
    END IF;
    IF cardinality(p_open) = 0 THEN
        v_instant := now();
    ELSE
        SELECT max(s.sealed_at) INTO v_instant
        FROM ledger.seals AS s
        WHERE s.tenant_id = p_tenant_id
            AND s.sealed_at > coalesce(p_known, '-infinity')
            AND NOT s.open_transactions && p_open;
    END IF;
    -- Clocks are set back by moments, and those of a standby that takes over may differ.
    RETURN greatest(p_known, v_instant - interval '1 minute');
END;
$$;
COMMENT ON FUNCTION ledger.complete_before(integer, timestamptz, text[]) IS
'The instant before which no transaction that is still open began, less a minute: now, or the '
'time of the last seal whose open transactions have all ended; never earlier than p_known. NULL: '
'not known. p_open: ledger.open_transactions(). Internal.';
