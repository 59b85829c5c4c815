-- Users under the names that a loan system knows.
CREATE OR REPLACE VIEW lending.users WITH (security_invoker = true) AS
SELECT
    u.tenant_id,
    u.id,
    u.subject::text AS subject,
    u.name::text AS name,
    u.email::text AS email,
    (
        SELECT string_agg(r.code::text, ', ' ORDER BY r.code::text)
        FROM identity.user_roles AS g
        INNER JOIN identity.roles AS r ON g.tenant_id = r.tenant_id AND g.role_id = r.id
        WHERE g.tenant_id = u.tenant_id AND g.user_id = u.id
    ) AS role,
    u.is_active,
    u.last_login,
    u.created_at,
    u.created_by,
    u.last_modified_at,
    u.last_modified_by
FROM identity.users AS u;
COMMENT ON VIEW lending.users IS
'identity.users with their roles in one text. Officers of loans are named by subject. Password '
'hashes are in identity.credentials, which no client reads.';
