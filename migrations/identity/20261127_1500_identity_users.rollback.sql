-- The repeatables make it anew, as it was.
DROP FUNCTION IF EXISTS identity.enter_tenant(integer, text);
DROP TABLE identity.subject_rights;
DROP TABLE identity.user_businesses;
DROP TABLE identity.user_roles;
DROP TABLE identity.role_permissions;
DROP TABLE identity.roles;
DROP TABLE identity.permissions;
DROP TABLE identity.credentials;
ALTER TABLE identity.users
DROP COLUMN last_login,
DROP COLUMN all_businesses,
DROP COLUMN email;
COMMENT ON COLUMN identity.users.is_active IS NULL;
DROP DOMAIN identity.password_hash;
DROP DOMAIN identity.email;
