-- Who may do what in core: reading, then what is called.
-- reapply: migrations
DO $do$
BEGIN
    PERFORM core.reset_privileges('core', '{document_counters}');
END;
$do$;

GRANT EXECUTE ON FUNCTION
core.uuid_v7_floor(timestamptz),
core.is_code(text),
core.is_blank(text),
core.read_permissions(),
core.unreadable_tables()
TO pgerp_app, pgerp_readonly, pgerp_auditor;

GRANT EXECUTE ON FUNCTION
core.uuid_v7(),
core.encrypt_value(text, text, bytea),
core.decrypt_value(core.encrypted_value, bytea),
core.keyed_hash_of(text, text, text, bytea),
core.fernet_token(text, bytea, bytea, timestamptz),
core.aes_cbc(bytea, bytea, bytea, boolean),
core.hmac_sha256(bytea, bytea),
core.hmac_pad(bytea, integer),
core.require_key(bytea, text)
TO pgerp_app;

DO $do$
BEGIN
    PERFORM core.grant_services('core');
END;
$do$;
