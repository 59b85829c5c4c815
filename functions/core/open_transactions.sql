-- The transactions of this database that are open, other than the caller's.
CREATE OR REPLACE FUNCTION core.open_transactions()
RETURNS text[]
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- Whoever runs a transaction holds the lock on its virtual id; unlike its start in
    -- pg_stat_activity, every role may see that.
    RETURN ARRAY(
        SELECT l.virtualxid
        FROM pg_locks AS l
        LEFT JOIN pg_stat_activity AS a ON a.pid = l.pid
        WHERE l.locktype = 'virtualxid'
            AND l.mode = 'ExclusiveLock'
            AND l.granted
            AND l.pid <> pg_backend_pid()
            AND (
                a.datid IS NULL
                OR a.datid = (
                    SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database()
                )
            )
        ORDER BY l.virtualxid COLLATE "C"
    );
END;
$$;
COMMENT ON FUNCTION core.open_transactions() IS
'Virtual ids (3/17) of all other transactions open in this database, read or write. An id stands '
'for one transaction until the server restarts. Internal.';
