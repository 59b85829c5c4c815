-- One side of a row in the log without the values of some columns.
CREATE OR REPLACE FUNCTION audit.redacted(p_row jsonb, p_columns text[])
RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT p_row || coalesce((
        SELECT jsonb_object_agg(c.key, '[anonymised]')
        FROM jsonb_each(p_row) AS c
        WHERE c.key = ANY (p_columns) AND c.value <> 'null'
    ), '{}');
$$;
COMMENT ON FUNCTION audit.redacted(jsonb, text[]) IS
'The row with the text "[anonymised]" for the value of each of the columns that it has and that '
'is not null. Internal.';
