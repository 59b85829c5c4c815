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
core.uuid_v7()
TO pgerp_app;

DO $do$
BEGIN
    PERFORM core.grant_services('core');
END;
$do$;
