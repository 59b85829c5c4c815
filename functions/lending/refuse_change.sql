-- What is on record stays as it is, but for the columns that say what became of it.
CREATE OR REPLACE FUNCTION lending.refuse_change()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    -- What triggers set is not the writer's.
    v_free text[] := TG_ARGV[1:]
        || ARRAY['created_at', 'created_by', 'last_modified_at', 'last_modified_by'];
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - v_free = to_jsonb(OLD) - v_free THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'rows of % never change and never go', TG_ARGV[0]
    USING ERRCODE = 'ZO030',
        DETAIL = format('Refused: %s.', TG_OP),
        HINT = CASE
            WHEN TG_NARGS = 1 THEN 'What was wrong is reversed, by lending.reverse_transaction.'
            ELSE format('What may change: %s.', array_to_string(TG_ARGV[1:], ', '))
        END;
END;
$$;
COMMENT ON FUNCTION lending.refuse_change() IS
'Trigger (before update or delete, each row; before truncate, statement; arguments: the table''s '
'name, then the columns that may change, besides stamps). Raises ZO030.';
