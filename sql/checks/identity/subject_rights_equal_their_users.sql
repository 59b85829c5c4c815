-- What tokens of users may is what the users, their roles and their businesses give
WITH users AS (
    SELECT
        u.tenant_id,
        u.subject,
        u.is_active,
        sha256(convert_to(u.tenant_id || ' ' || u.subject, 'UTF8')) AS digest,
        CASE
            WHEN u.all_businesses THEN '"*"'
            ELSE (
                SELECT coalesce(jsonb_agg(b.business_id ORDER BY b.business_id), '[]')
                FROM identity.user_businesses AS b
                WHERE b.tenant_id = u.tenant_id AND b.user_id = u.id
            )
        END AS business,
        (
            SELECT coalesce(jsonb_agg(p.permission), '[]')
            FROM identity.user_roles AS r
            INNER JOIN identity.role_permissions AS p
                ON r.tenant_id = p.tenant_id AND r.role_id = p.role_id
            WHERE r.tenant_id = u.tenant_id AND r.user_id = u.id
        ) AS permissions
    FROM identity.users AS u
)

SELECT
    u.tenant_id,
    u.subject,
    r.valid_from::text AS valid_from
FROM users AS u
FULL JOIN identity.subject_rights AS r ON u.digest = r.digest
WHERE
    r.digest IS NULL
    OR r.valid_from < 'infinity' AND u.is_active IS NOT true
    OR r.valid_from = 'infinity' AND u.is_active
    OR r.business <> u.business
    OR NOT (r.permissions @> u.permissions AND r.permissions <@ u.permissions);
