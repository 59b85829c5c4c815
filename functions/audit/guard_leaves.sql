-- Salts go with what is redacted, leaves with their year; nothing else of them changes.
CREATE OR REPLACE FUNCTION audit.guard_leaves()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_kept audit.sealed_changes;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        v_kept := OLD;
        v_kept.salt := NULL;
        v_kept.openings := NEW.openings;
        IF NEW OPERATOR(pg_catalog.*=) v_kept
            AND EXISTS (
                SELECT FROM audit.redactions AS r
                WHERE r.tenant_id = OLD.tenant_id AND r.log_id = OLD.log_id
            )
        THEN
            RETURN NEW;
        END IF;
    ELSIF TG_OP = 'DELETE' THEN
        IF EXISTS (
            SELECT FROM audit.removals AS r
            WHERE r.tenant_id = OLD.tenant_id
                AND r.log_year
                = extract(YEAR FROM core.uuid_v7_time(OLD.log_id) AT TIME ZONE 'UTC')
                AND r.seal_nos @> OLD.seal_no
        ) THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION 'rows of audit.sealed_changes cannot change'
    USING ERRCODE = 'ZA010',
        DETAIL = format('Refused: %s.', TG_OP),
        HINT = 'Seals are only ever added, by audit.seal().';
END;
$$;
COMMENT ON FUNCTION audit.guard_leaves() IS
'Trigger (before update or delete, each row; before truncate, statement). Raises ZA010, unless a '
'leaf loses its salt because its row was redacted (audit.redactions), or goes because its year was '
'removed (audit.removals).';
