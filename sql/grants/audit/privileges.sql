-- Who may do what in audit. What was in other tables is for auditors alone.
-- reapply: migrations
DO $do$
BEGIN
    PERFORM core.reset_privileges('audit', p_is_readable => false);
END;
$do$;

GRANT SELECT ON
audit.log,
audit.audit_logs,
audit.legal_holds,
audit.redactions,
audit.removals,
audit.seals
TO pgerp_auditor;

GRANT EXECUTE ON FUNCTION
audit.seal(integer, integer),
audit.place_legal_hold(text, timestamptz, integer),
audit.lift_legal_hold(uuid, integer)
TO pgerp_app;

GRANT EXECUTE ON FUNCTION
audit.exceptions(),
audit.masked_columns(),
audit.logged_tables(),
audit.table_of(text),
audit.key_of(jsonb, text),
audit.normal_key(text, jsonb),
audit.present_row(text, integer, jsonb),
audit.mask(jsonb, jsonb, text),
audit.changed_columns(jsonb, jsonb),
audit.history(text, jsonb),
audit.as_of(text, jsonb, timestamptz)
TO pgerp_auditor;

GRANT EXECUTE ON FUNCTION
audit.exceptions(),
audit.masked_columns(),
audit.logged_tables(),
audit.changed_columns(jsonb, jsonb)
TO pgerp_backup;

DO $do$
BEGIN
    PERFORM core.grant_services('audit');
END;
$do$;
