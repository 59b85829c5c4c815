-- Who may do what in identity: reading, then what is called.
-- reapply: migrations
DO $do$
BEGIN
    PERFORM core.reset_privileges('identity', '{signing_keys, credentials, subject_rights}');
END;
$do$;

GRANT EXECUTE ON FUNCTION
identity.token_claims(),
identity.current_tenant(),
identity.current_businesses(),
identity.has_permission(text),
identity.claims_permit(jsonb, text),
identity.permissions_of_user(text)
TO pgerp_app, pgerp_readonly, pgerp_auditor;

GRANT EXECUTE ON FUNCTION
identity.create_business(text, text, text, integer),
identity.create_user(text, text, text, boolean, integer),
identity.set_password_hash(text, text, integer),
identity.password_hash_of(text, integer),
identity.record_login(text, integer),
identity.deactivate_user(text, integer),
identity.reactivate_user(text, integer),
identity.create_standard_roles(integer),
identity.create_role(text, text, text[], integer),
identity.grant_permission(text, text, integer),
identity.revoke_permission(text, text, integer),
identity.grant_role(text, text, integer),
identity.revoke_role(text, text, integer),
identity.grant_business(text, text, integer),
identity.revoke_business(text, text, integer),
identity.set_business_settings(text, jsonb, integer),
identity.create_payment_till(text, text, text, text, text, integer),
identity.set_till_active(text, text, boolean, integer)
TO pgerp_app;

-- What other services receive of the one that keeps tenants and users.
GRANT USAGE ON SCHEMA identity TO pgerp_subscriber;
GRANT SELECT, INSERT, UPDATE, DELETE ON
identity.tenants,
identity.businesses,
identity.business_settings,
identity.payment_tills,
identity.users,
identity.roles,
identity.role_permissions,
identity.user_roles,
identity.user_businesses,
identity.subject_rights,
identity.signing_keys
TO pgerp_subscriber;

DO $do$
BEGIN
    PERFORM core.grant_services('identity');
END;
$do$;
