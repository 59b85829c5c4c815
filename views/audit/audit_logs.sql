-- The log by the names that applications know.
CREATE OR REPLACE VIEW audit.audit_logs WITH (security_invoker = true) AS
SELECT
    l.tenant_id,
    l.id,
    l.business_id,
    l.table_name,
    l.row_key AS record_id,
    l.action,
    l.old_row AS old_values,
    l.new_row AS new_values,
    audit.changed_columns(l.old_row, l.new_row) AS changed_fields,
    l.actor AS user_id,
    l.address AS ip_address,
    l.user_agent,
    l.application,
    l.correlation_id,
    l.transaction_id,
    l.logged_at AS created_at,
    l.logged_at AS updated_at
FROM audit.log AS l;
COMMENT ON VIEW audit.audit_logs IS
'audit.log under usual names. record_id is the primary key (several columns: a JSON object as '
'text); changed_fields what an UPDATE changed; user_id the subject of the token, or the login '
'role; updated_at is created_at, since nothing changes.';
