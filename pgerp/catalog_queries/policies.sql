-- Row-security policies.
SELECT
    'pg_policy'::regclass::oid AS class_id,
    p.oid AS object_id,
    0 AS column_number,
    format('policy %I on %s', p.polname, p.polrelid::regclass) AS object,
    concat_ws(
        E'\n',
        format(
            'AS %s FOR %s TO %s',
            CASE WHEN p.polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END,
            CASE p.polcmd
                WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN
                    'd'
                    THEN 'DELETE'
                ELSE 'ALL'
            END,
            (
                SELECT string_agg(r.name, ', ' ORDER BY r.name)
                FROM (
                    SELECT
                        CASE
                            WHEN role = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(role))
                        END AS name
                    FROM unnest(p.polroles) AS role
                ) AS r
            )
        ),
        'USING (' || pg_get_expr(p.polqual, p.polrelid) || ')',
        'WITH CHECK (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')'
    ) AS definition
FROM pg_policy AS p
INNER JOIN pg_class AS c ON p.polrelid = c.oid
WHERE c.relnamespace IN (SELECT unnest(current_setting('pgerp.schemas')::oid[]))
