-- Make the leaves of a seal: the rows of the log that have none, oldest first, all of one year.
CREATE OR REPLACE FUNCTION audit.seal_changes(
    p_tenant_id integer,
    p_seal_no bigint,
    p_logged_from timestamptz,
    p_max_rows integer,
    OUT leaves bytea[],
    OUT last_instant timestamptz,
    OUT has_more boolean
)
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
-- The encoding has times as these two have them written.
SET timezone = 'UTC'
SET datestyle = 'ISO, YMD'
AS $$
DECLARE
    v_from uuid := coalesce(
        core.uuid_v7_floor(p_logged_from), '00000000-0000-0000-0000-000000000000'
    );
    v_year integer;
    v_before uuid := 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid;
BEGIN
    SELECT extract(YEAR FROM core.uuid_v7_time(l.id) AT TIME ZONE 'UTC') INTO v_year
    FROM audit.log AS l
    WHERE l.tenant_id = p_tenant_id AND l.id >= v_from
        AND NOT EXISTS (
            SELECT FROM audit.sealed_changes AS s
            WHERE s.tenant_id = p_tenant_id AND s.log_id = l.id
        )
    ORDER BY l.id
    LIMIT 1;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    -- So that leaves go with their year.
    IF v_year < 10889 THEN
        v_before := core.uuid_v7_floor(make_timestamptz(v_year + 1, 1, 1, 0, 0, 0, 'UTC'));
    END IF;
    WITH unsealed AS MATERIALIZED (
        SELECT
            l.*,
            row_number() OVER (ORDER BY l.id) AS leaf_no,
            uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) AS salt
        FROM audit.log AS l
        WHERE l.tenant_id = p_tenant_id AND l.id >= v_from AND l.id < v_before
            AND NOT EXISTS (
                SELECT FROM audit.sealed_changes AS s
                WHERE s.tenant_id = p_tenant_id AND s.log_id = l.id
            )
        ORDER BY l.id
        LIMIT p_max_rows
    ),

    -- Each field is its length in bytes, a colon, itself, and a comma; NULL has no length.
    sides AS (
        SELECT
            u.id,
            count(*) FILTER (WHERE c.side = 'old') AS old_count,
            count(*) FILTER (WHERE c.side = 'new') AS new_count,
            string_agg(concat(
                octet_length(convert_to(c.name, 'UTF8')), ':', c.name, ',',
                '64:', encode(sha256(c.key || convert_to(c.value, 'UTF8')), 'hex'), ','
            ), '' ORDER BY c.side DESC, c.name COLLATE "C") AS content
        FROM unsealed AS u
        CROSS JOIN LATERAL (
            SELECT
                'old' AS side,
                o.*
            FROM audit.value_keys(u.salt, 'old', u.old_row) AS o
            UNION ALL
            SELECT
                'new' AS side,
                n.*
            FROM audit.value_keys(u.salt, 'new', u.new_row) AS n
        ) AS c
        GROUP BY u.id
    ),

    hashed AS (
        SELECT
            u.leaf_no,
            u.id,
            u.salt,
            sha256(decode('00', 'hex') || convert_to(concat(
                '14:pgerp-change-1,',
                octet_length(h.tenant_id), ':', h.tenant_id, ',',
                octet_length(h.id), ':', h.id, ',',
                octet_length(h.business_id), ':', h.business_id, ',',
                octet_length(convert_to(u.table_name, 'UTF8')), ':', u.table_name, ',',
                octet_length(convert_to(u.row_key, 'UTF8')), ':', u.row_key, ',',
                octet_length(h.action), ':', h.action, ',',
                octet_length(convert_to(u.actor, 'UTF8')), ':', u.actor, ',',
                octet_length(h.logged_at), ':', h.logged_at, ',',
                octet_length(h.address), ':', h.address, ',',
                octet_length(convert_to(u.application, 'UTF8')), ':', u.application, ',',
                octet_length(convert_to(u.user_agent, 'UTF8')), ':', u.user_agent, ',',
                octet_length(convert_to(u.correlation_id, 'UTF8')), ':', u.correlation_id, ',',
                octet_length(h.transaction_id), ':', h.transaction_id, ',',
                octet_length(h.old_count), ':', h.old_count, ',',
                octet_length(h.new_count), ':', h.new_count, ',',
                s.content
            ), 'UTF8')) AS leaf_hash
        FROM unsealed AS u
        LEFT JOIN sides AS s ON s.id = u.id
        CROSS JOIN LATERAL (
            SELECT
                u.tenant_id::text AS tenant_id,
                u.id::text AS id,
                u.business_id::text AS business_id,
                u.action::text AS action,
                u.logged_at::text AS logged_at,
                u.address::text AS address,
                u.transaction_id::text AS transaction_id,
                CASE WHEN u.old_row IS NOT NULL THEN coalesce(s.old_count, 0)::text
                END AS old_count,
                CASE WHEN u.new_row IS NOT NULL THEN coalesce(s.new_count, 0)::text
                END AS new_count
        ) AS h
    ),

    records AS (
        INSERT INTO audit.sealed_changes (tenant_id, log_id, seal_no, leaf_no, leaf_hash, salt)
        SELECT
            p_tenant_id,
            h.id,
            p_seal_no,
            h.leaf_no,
            h.leaf_hash,
            h.salt
        FROM hashed AS h
    )

    SELECT
        array_agg(h.leaf_hash ORDER BY h.leaf_no),
        core.uuid_v7_time((array_agg(h.id ORDER BY h.leaf_no DESC))[1]),
        count(*) = p_max_rows OR v_year < extract(YEAR FROM now() AT TIME ZONE 'UTC')
    INTO leaves, last_instant, has_more
    FROM hashed AS h;
END;
$$;
COMMENT ON FUNCTION audit.seal_changes(integer, bigint, timestamptz, integer) IS
'Writes the leaves of a seal to audit.sealed_changes, by the encoding pgerp-change-1 of '
'docs/ledger-seals.md, each with a salt of its own: the rows of audit.log without leaf, by id, '
'from the instant p_logged_from on (NULL: all), p_max_rows at most, of the year of the first. '
'Returns their hashes, the instant of the last, and whether there may be more. Internal: called '
'by core.make_seals.';
