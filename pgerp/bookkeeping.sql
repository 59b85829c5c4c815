-- The runner's own tables. Run once, in the transaction that first needs them, as the owner role.
CREATE TABLE pgerp.migrations (
    id text NOT NULL,
    project text NOT NULL,
    path text NOT NULL,
    checksum text NOT NULL,
    state text NOT NULL,
    position bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    applied_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    applied_by text NOT NULL DEFAULT session_user,
    duration_ms bigint NOT NULL DEFAULT 0,
    CONSTRAINT migrations_pkey PRIMARY KEY (id),
    CONSTRAINT migrations_position_key UNIQUE (position),
    CONSTRAINT migrations_checksum_check CHECK (checksum ~ '^[0-9a-f]{64}$'),
    CONSTRAINT migrations_state_check CHECK (state IN ('applied', 'running', 'baseline')),
    CONSTRAINT migrations_duration_check CHECK (duration_ms >= 0)
);
COMMENT ON TABLE pgerp.migrations IS
'One row for each migration that this database has. Written by the runner, in the transaction of the migration itself.';
COMMENT ON COLUMN pgerp.migrations.id IS
'Name of the file without .sql; for other projects than pgerp with "<project>/" before it.';
COMMENT ON COLUMN pgerp.migrations.project IS 'Project that the file belongs to.';
COMMENT ON COLUMN pgerp.migrations.path IS 'The file, relative to the root of its project.';
COMMENT ON COLUMN pgerp.migrations.checksum IS
'SHA-256 of the file as it was applied: UTF-8, without byte-order mark, lines ended by LF.';
COMMENT ON COLUMN pgerp.migrations.state IS
'applied; baseline = taken as applied without being run; running = a non-transactional statement was begun and is not known to be complete.';
COMMENT ON COLUMN pgerp.migrations.position IS 'Order in which the migrations were applied.';
COMMENT ON COLUMN pgerp.migrations.applied_by IS 'Session user of the runner.';
COMMENT ON COLUMN pgerp.migrations.duration_ms IS 'How long the file ran, in milliseconds.';

CREATE TABLE pgerp.repeatables (
    key text NOT NULL,
    kind text NOT NULL,
    checksum text NOT NULL,
    objects text [] NOT NULL DEFAULT '{}',
    applied_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT repeatables_pkey PRIMARY KEY (key),
    CONSTRAINT repeatables_checksum_check CHECK (checksum ~ '^[0-9a-f]{64}$')
);
COMMENT ON TABLE pgerp.repeatables IS
'One row for each repeatable file (function, view, trigger, policy, grant) as it was last applied.';
COMMENT ON COLUMN pgerp.repeatables.key IS '"<project>:<path relative to the root of the project>".';
COMMENT ON COLUMN pgerp.repeatables.kind IS 'function, view, trigger, policy or grant.';
COMMENT ON COLUMN pgerp.repeatables.checksum IS 'SHA-256 of the file as it was last applied.';
COMMENT ON COLUMN pgerp.repeatables.objects IS
'What the file defined then, as far as its text tells, and what earlier texts of it left behind.';

CREATE TABLE pgerp.projects (
    name text NOT NULL,
    owner text,
    roles_checksum text,
    seen_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT projects_pkey PRIMARY KEY (name)
);
COMMENT ON TABLE pgerp.projects IS 'The projects that share this database.';
COMMENT ON COLUMN pgerp.projects.owner IS
'Role that its migrations run as; NULL = the session user of each run.';
COMMENT ON COLUMN pgerp.projects.roles_checksum IS
'SHA-256 of its sql/roles.sql as it was last run; NULL = it has none.';

CREATE TABLE pgerp.history (
    id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    who text NOT NULL DEFAULT session_user,
    client text NOT NULL,
    action text NOT NULL,
    migration text,
    checksum text,
    reason text,
    detail text,
    CONSTRAINT history_pkey PRIMARY KEY (id)
);
COMMENT ON TABLE pgerp.history IS
'Everything that the runner did to this database, append-only: what was applied, rolled back, repaired.';
COMMENT ON COLUMN pgerp.history.who IS 'Session user of the runner.';
COMMENT ON COLUMN pgerp.history.client IS 'Operating-system user and host that the runner ran on.';
COMMENT ON COLUMN pgerp.history.action IS
'roles, up, down, repeatables, privileges (who may what then), baseline, or a repair: accept, forget, admit, clear, complete, reapply.';
COMMENT ON COLUMN pgerp.history.migration IS
'Id of the migration concerned; no foreign key, since the row outlives a rollback.';
COMMENT ON COLUMN pgerp.history.checksum IS 'SHA-256 of the file concerned, or of who may what.';
COMMENT ON COLUMN pgerp.history.reason IS 'Why, in the words of whoever ran repair.';

CREATE FUNCTION pgerp.refuse_change()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION 'the history of migrations is append-only'
    USING ERRCODE = 'restrict_violation';
END;
$$;
COMMENT ON FUNCTION pgerp.refuse_change() IS
'Trigger function of pgerp.history: refuses UPDATE, DELETE and TRUNCATE. Raises 23001.';
REVOKE EXECUTE ON FUNCTION pgerp.refuse_change() FROM public;

CREATE TRIGGER history_append_only
BEFORE UPDATE OR DELETE OR TRUNCATE ON pgerp.history
FOR EACH STATEMENT EXECUTE FUNCTION pgerp.refuse_change();
COMMENT ON TRIGGER history_append_only ON pgerp.history IS 'What was done stays written.';
