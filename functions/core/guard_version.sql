-- Let nobody overwrite what they have not seen: the version given must be the row's.
CREATE OR REPLACE FUNCTION core.guard_version()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        NEW.version := 1;
        RETURN NEW;
    END IF;
    IF NEW.version IS DISTINCT FROM OLD.version THEN
        RAISE EXCEPTION 'row of % was changed meanwhile', TG_ARGV[0]
        USING ERRCODE = 'ZK001',
            DETAIL = format(
                'The version is %s, the update is of version %s.',
                OLD.version, coalesce(NEW.version::text, 'NULL')
            ),
            HINT = 'Read the row again, and update what it is now.';
    END IF;
    NEW.version := OLD.version + 1;
    RETURN NEW;
END;
$$;
COMMENT ON FUNCTION core.guard_version() IS
'Trigger (before insert or update, each row; argument: the table''s name): version is 1 in a new '
'row and one more after each update. An update that gives a version gives the one it has read, '
'SET version = <read>, and raises ZK001 (stale) when the row has another by then; one that gives '
'none keeps to the present row.';
