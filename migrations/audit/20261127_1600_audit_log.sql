-- The audit log: every change of every row, partitioned by year; and the holds that keep it.
-- depends: 20261127_0900_ledger_period_of_a_date

CREATE SCHEMA audit;
COMMENT ON SCHEMA audit IS
'What was changed, by whom, when and from where: a log of every row''s life.';

CREATE TYPE audit.change_action AS ENUM ('INSERT', 'UPDATE', 'DELETE');
COMMENT ON TYPE audit.change_action IS 'What happened to a row.';

CREATE TABLE audit.log (
    tenant_id integer NOT NULL,
    id uuid NOT NULL DEFAULT core.uuid_v7(),
    business_id integer,
    table_name text NOT NULL,
    row_key text NOT NULL,
    action audit.change_action NOT NULL,
    old_row jsonb,
    new_row jsonb,
    actor text NOT NULL,
    logged_at timestamptz NOT NULL,
    address inet,
    application text,
    user_agent text,
    correlation_id text,
    transaction_id xid8 NOT NULL,
    CONSTRAINT log_pkey PRIMARY KEY (tenant_id, id)
) PARTITION BY RANGE (id);
CREATE INDEX log_row_idx ON audit.log (tenant_id, table_name, row_key, id);
COMMENT ON TABLE audit.log IS
'One row for each row that was inserted, updated or deleted in a table that audit.exceptions does '
'not leave out, by whatever path. Written by triggers; never changes; goes by years, when it is '
'older than 7 years and no legal hold keeps it. It outlives what it tells of, hence no foreign '
'keys.';
COMMENT ON COLUMN audit.log.tenant_id IS
'The tenant of the row; 0 for rows of tables without tenant (currencies, signing keys), which no '
'tenant sees.';
COMMENT ON COLUMN audit.log.id IS
'uuid version 7, made while the row was locked: its order is the order of the changes of a row, '
'and its time decides the yearly partition.';
COMMENT ON COLUMN audit.log.business_id IS 'The business of the row, where it has one.';
COMMENT ON COLUMN audit.log.table_name IS
'Schema and table, such as ledger.accounts; for a row of a partition, the partitioned table.';
COMMENT ON COLUMN audit.log.row_key IS
'The primary key without tenant_id: the value as text, or of several columns a jsonb object as '
'text.';
COMMENT ON COLUMN audit.log.action IS
'What happened. A row whose key changed has an UPDATE under the new key and a DELETE under the old '
'one.';
COMMENT ON COLUMN audit.log.old_row IS
'The row before, by column; NULL for INSERT. Sensitive columns read ***. What an UPDATE changed is '
'derived from both (audit.changed_columns), since to find it costs the writer a third more.';
COMMENT ON COLUMN audit.log.new_row IS
'The row after, by column; NULL for DELETE. Sensitive columns read ***, or *** (changed).';
COMMENT ON COLUMN audit.log.actor IS
'The subject of the verified token inside the API, the login role elsewhere (core.current_actor).';
COMMENT ON COLUMN audit.log.logged_at IS
'When it was written, by the clock: not when it committed.';
COMMENT ON COLUMN audit.log.address IS
'The client''s address as the server saw it (a pooler''s, behind one); NULL for Unix sockets.';
COMMENT ON COLUMN audit.log.application IS 'application_name of the session, as the client set it.';
COMMENT ON COLUMN audit.log.user_agent IS 'The claim user_agent of the verified token.';
COMMENT ON COLUMN audit.log.correlation_id IS 'The claim correlation_id of the verified token.';
COMMENT ON COLUMN audit.log.transaction_id IS
'The transaction that made the change (pg_current_xact_id): the same for all of its changes.';

-- One partition a year, by the time in the key; the default one catches the rest. A row with an
-- old and a new side is wider than what PostgreSQL begins to compress at, which costs more than
-- the row itself.
DO $do$
DECLARE
    v_year integer;
BEGIN
    FOR v_year IN 2026..2028 LOOP
        EXECUTE format(
            'CREATE TABLE audit.%I PARTITION OF audit.log FOR VALUES FROM (%L) TO (%L) '
            'WITH (toast_tuple_target = 8160)',
            'log_' || v_year,
            core.uuid_v7_floor(make_timestamptz(v_year, 1, 1, 0, 0, 0, 'UTC')),
            core.uuid_v7_floor(make_timestamptz(v_year + 1, 1, 1, 0, 0, 0, 'UTC'))
        );
        EXECUTE format(
            'COMMENT ON TABLE audit.%I IS %L', 'log_' || v_year,
            format('Rows of audit.log whose key was made in %s (UTC).', v_year)
        );
    END LOOP;
END;
$do$;
CREATE TABLE audit.log_default PARTITION OF audit.log DEFAULT
WITH (toast_tuple_target = 8160);
COMMENT ON TABLE audit.log_default IS
'Rows of audit.log whose key lies in no year that has a partition.';

CREATE TABLE audit.legal_holds (
    tenant_id integer NOT NULL,
    id uuid NOT NULL DEFAULT core.uuid_v7(),
    reason core.label NOT NULL,
    valid_from timestamptz NOT NULL DEFAULT now(),
    valid_until timestamptz,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    last_modified_at timestamptz NOT NULL,
    last_modified_by text NOT NULL,
    CONSTRAINT legal_holds_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT legal_holds_valid_until_check CHECK (valid_until >= valid_from),
    CONSTRAINT legal_holds_tenant_fkey FOREIGN KEY (tenant_id)
    REFERENCES identity.tenants (id) ON DELETE RESTRICT
);
COMMENT ON TABLE audit.legal_holds IS
'While one is in force, no year of audit.log with rows of its tenant is removed, however old. '
'created_by is who placed it; the log tells who lifted it.';
COMMENT ON COLUMN audit.legal_holds.reason IS 'The case or order that asks for it.';
COMMENT ON COLUMN audit.legal_holds.valid_from IS 'In force from this instant on.';
COMMENT ON COLUMN audit.legal_holds.valid_until IS
'In force until before this instant; NULL: until it is lifted.';
