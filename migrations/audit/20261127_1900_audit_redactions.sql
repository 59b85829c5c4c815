-- What was taken out of the audit log: the record by which alone a row of it may change.
-- depends: 20261127_1610_audit_permission 20261127_1310_ledger_closing_limits

CREATE TABLE audit.redactions (
    tenant_id integer NOT NULL,
    id uuid NOT NULL DEFAULT core.uuid_v7(),
    log_id uuid NOT NULL,
    business_id integer,
    columns text [] NOT NULL,
    reason core.label NOT NULL,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    last_modified_at timestamptz NOT NULL,
    last_modified_by text NOT NULL,
    CONSTRAINT redactions_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT redactions_columns_check CHECK (
        cardinality(columns) > 0 AND array_position(columns, NULL) IS NULL
    )
);
CREATE INDEX redactions_log_idx ON audit.redactions (tenant_id, log_id);
COMMENT ON TABLE audit.redactions IS
'Which values of which row of audit.log were replaced by "[anonymised]", when, by whom and why. '
'Append-only, and in the log itself: a row of audit.log changes only as one of these says. '
'It outlives the row that it tells of, hence no foreign key; tenant 0 is none of identity.tenants.';
COMMENT ON COLUMN audit.redactions.log_id IS 'The row of audit.log.';
COMMENT ON COLUMN audit.redactions.business_id IS 'The business of that row, where it has one.';
COMMENT ON COLUMN audit.redactions.columns IS
'The columns of old_row and new_row that had a value in either.';
COMMENT ON COLUMN audit.redactions.reason IS 'The request or the rule that asked for it.';
