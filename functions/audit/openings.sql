-- What is left to prove one side of a sealed row by when values of it are redacted.
CREATE OR REPLACE FUNCTION audit.openings(
    p_salt bytea, p_openings jsonb, p_side text, p_row jsonb, p_columns text[]
)
RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT jsonb_object_agg(k.name, CASE
        WHEN k.key IS NULL THEN p_openings -> k.name
        WHEN k.name = ANY (p_columns) AND k.value NOT IN ('null', '"[anonymised]"')
            THEN jsonb_build_object(
                'hash', encode(sha256(k.key || convert_to(k.value, 'UTF8')), 'hex')
            )
        ELSE jsonb_build_object('key', encode(k.key, 'hex'))
    END)
    FROM (
        SELECT
            v.name,
            v.value,
            coalesce(v.key, decode(p_openings -> v.name ->> 'key', 'hex')) AS key
        FROM audit.value_keys(p_salt, p_side, p_row) AS v
    ) AS k;
$$;
COMMENT ON FUNCTION audit.openings(bytea, jsonb, text, jsonb, text[]) IS
'One side (p_side: old, new) of audit.sealed_changes.openings for the row as it is before the '
'values of p_columns are redacted: of those the salted hash, of the others the salt. p_salt and '
'p_openings (that side): what the leaf has so far. NULL for a side that the row has not. Internal.';
