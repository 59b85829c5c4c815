-- Events: what may happen, what happened, who is to hear of it, and what came of that.
-- depends: 20261127_1800_core_sensitive_and_versioned_rows

CREATE SCHEMA events;
COMMENT ON SCHEMA events IS
'What happened in the business, as facts that other modules act upon: an append-only store, '
'subscriptions, and a record of what every handler made of every event.';

CREATE DOMAIN events.type_code AS text
CONSTRAINT type_code_is_module_and_fact_check
CHECK (length(VALUE) <= 100 AND VALUE COLLATE "C" ~ '\A[a-z][a-z0-9_]*[.][a-z][a-z0-9_]*\Z');
COMMENT ON DOMAIN events.type_code IS
'The type of an event: the module that emits it, a point, what happened, such as '
'payroll.record_processed.';

CREATE DOMAIN events.handler_name AS text
CONSTRAINT handler_name_is_a_function_check
CHECK (length(VALUE) <= 127 AND VALUE COLLATE "C" ~ '\A[a-z][a-z0-9_]*[.][a-z][a-z0-9_]*\Z');
COMMENT ON DOMAIN events.handler_name IS
'A function schema.name(events.event_store) RETURNS jsonb that acts upon an event.';

CREATE TABLE events.event_types (
    code events.type_code NOT NULL,
    aggregate_type core.module_name NOT NULL,
    description core.label NOT NULL,
    payload_schema jsonb NOT NULL,
    identities jsonb NOT NULL DEFAULT '{}',
    CONSTRAINT event_types_pkey PRIMARY KEY (code),
    CONSTRAINT event_types_payload_schema_check
    CHECK (payload_schema @? '$ ? (@.type == "object")'),
    CONSTRAINT event_types_identities_check CHECK (jsonb_typeof(identities) = 'object')
);
COMMENT ON TABLE events.event_types IS
'The contract between the modules: every type of event, the same rows in every database of an '
'installation. They come with migrations.';
COMMENT ON COLUMN events.event_types.aggregate_type IS
'What the event happens to, such as payroll_record; the events of one are a stream.';
COMMENT ON COLUMN events.event_types.payload_schema IS
'JSON Schema (draft 2020-12) of the payload, of the keywords that events.schema_problem knows.';
COMMENT ON COLUMN events.event_types.identities IS
'Sums that hold in every payload: {"gross": ["net", "taxes"]} says gross = net + taxes. They are '
'checked when an event is emitted, and posting rules may rest on them.';

CREATE TABLE events.subscriptions (
    event_type events.type_code NOT NULL,
    handler events.handler_name NOT NULL,
    max_attempts integer NOT NULL DEFAULT 8,
    rejection_type events.type_code,
    CONSTRAINT subscriptions_pkey PRIMARY KEY (event_type, handler),
    CONSTRAINT subscriptions_event_type_fkey FOREIGN KEY (event_type)
    REFERENCES events.event_types (code) ON DELETE RESTRICT,
    CONSTRAINT subscriptions_rejection_type_fkey FOREIGN KEY (rejection_type)
    REFERENCES events.event_types (code) ON DELETE RESTRICT,
    CONSTRAINT subscriptions_max_attempts_check CHECK (max_attempts BETWEEN 1 AND 100)
);
CREATE INDEX subscriptions_rejection_type_idx ON events.subscriptions (rejection_type);
COMMENT ON TABLE events.subscriptions IS
'Which handlers act upon which events; part of the contract, the same rows in every database. A '
'handler acts where its function is: in the transaction of the emitter when both are in one '
'database, otherwise when the event has arrived.';
COMMENT ON COLUMN events.subscriptions.max_attempts IS
'How often it is tried on an event that arrived before the event is parked.';
COMMENT ON COLUMN events.subscriptions.rejection_type IS
'What is emitted when an event is parked, so that its emitter can compensate; NULL: nothing.';

CREATE TABLE events.event_store (
    tenant_id integer NOT NULL,
    id uuid NOT NULL,
    position bigint GENERATED ALWAYS AS IDENTITY,
    business_id integer,
    source_service core.module_name NOT NULL,
    event_type events.type_code NOT NULL,
    aggregate_type core.module_name NOT NULL,
    aggregate_id core.reference NOT NULL,
    aggregate_version bigint NOT NULL,
    payload jsonb NOT NULL,
    occurred_at timestamptz NOT NULL,
    actor text NOT NULL,
    correlation_id core.reference NOT NULL,
    causation_id uuid,
    CONSTRAINT event_store_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT event_store_aggregate_version_check CHECK (aggregate_version > 0),
    CONSTRAINT event_store_payload_check CHECK (jsonb_typeof(payload) = 'object')
) PARTITION BY RANGE (id);
CREATE INDEX event_store_stream_idx ON events.event_store (
    tenant_id, aggregate_type, aggregate_id, aggregate_version
);
CREATE INDEX event_store_business_idx ON events.event_store (tenant_id, business_id, id);
COMMENT ON TABLE events.event_store IS
'Every event, emitted here or arrived from another database: outbox, inbox and history. '
'Append-only. What it refers to may lie in another database, hence no foreign keys.';
COMMENT ON COLUMN events.event_store.id IS
'uuid version 7: its time decides the yearly partition.';
COMMENT ON COLUMN events.event_store.position IS
'Numbers what arrived from one source in the order in which it was committed there. Of this '
'database alone: it is left out of what is published.';
COMMENT ON COLUMN events.event_store.business_id IS
'The business it happened in (identity.businesses); NULL: it concerns all.';
COMMENT ON COLUMN events.event_store.source_service IS
'The service that emitted it (events.this_service there).';
COMMENT ON COLUMN events.event_store.aggregate_id IS 'Which one of its aggregate_type it happened to.';
COMMENT ON COLUMN events.event_store.aggregate_version IS
'Numbers the events of one aggregate, from 1 and without gaps.';
COMMENT ON COLUMN events.event_store.actor IS 'Who did it: the subject of the token.';
COMMENT ON COLUMN events.event_store.correlation_id IS
'The same for all that follows from one request: the claim of the token, or the id of the first '
'event.';
COMMENT ON COLUMN events.event_store.causation_id IS 'The event that this one follows from.';

-- One partition a year, by the time in the key; the default one catches the rest.
DO $do$
DECLARE
    v_year integer;
BEGIN
    FOR v_year IN 2026..2028 LOOP
        EXECUTE format(
            'CREATE TABLE events.%I PARTITION OF events.event_store FOR VALUES FROM (%L) TO (%L)',
            'event_store_' || v_year,
            core.uuid_v7_floor(make_timestamptz(v_year, 1, 1, 0, 0, 0, 'UTC')),
            core.uuid_v7_floor(make_timestamptz(v_year + 1, 1, 1, 0, 0, 0, 'UTC'))
        );
        EXECUTE format(
            'COMMENT ON TABLE events.%I IS %L', 'event_store_' || v_year,
            format('Rows of events.event_store whose key was made in %s (UTC).', v_year)
        );
    END LOOP;
END;
$do$;
CREATE TABLE events.event_store_default PARTITION OF events.event_store DEFAULT;
COMMENT ON TABLE events.event_store_default IS
'Rows of events.event_store whose key lies in no year that has a partition.';

CREATE TABLE events.stream_heads (
    tenant_id integer NOT NULL,
    aggregate_type core.module_name NOT NULL,
    aggregate_id core.reference NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT stream_heads_pkey PRIMARY KEY (tenant_id, aggregate_type, aggregate_id),
    CONSTRAINT stream_heads_version_check CHECK (version > 0)
);
COMMENT ON TABLE events.stream_heads IS
'The latest version of each aggregate that this database emits events of. Its row is locked until '
'the emitter commits, so the versions of one aggregate are committed in their order.';

CREATE TABLE events.processed_events (
    tenant_id integer NOT NULL,
    handler events.handler_name NOT NULL,
    event_id uuid NOT NULL,
    business_id integer,
    result jsonb,
    processed_at timestamptz NOT NULL,
    CONSTRAINT processed_events_pkey PRIMARY KEY (tenant_id, handler, event_id)
);
CREATE INDEX processed_events_event_idx ON events.processed_events (tenant_id, event_id);
COMMENT ON TABLE events.processed_events IS
'Which handler has acted upon which event, and what it returned: an event that is delivered again '
'does nothing.';
COMMENT ON COLUMN events.processed_events.result IS
'What the handler returned, or {"skipped": reason} where an operator had it left out.';

CREATE TYPE events.pending_status AS ENUM ('waiting', 'parked');
COMMENT ON TYPE events.pending_status IS
'Of an event that arrived: waiting for its handler, or parked until an operator decides.';

CREATE TABLE events.pending (
    tenant_id integer NOT NULL,
    handler events.handler_name NOT NULL,
    event_id uuid NOT NULL,
    business_id integer,
    aggregate_type core.module_name NOT NULL,
    aggregate_id core.reference NOT NULL,
    aggregate_version bigint NOT NULL,
    position bigint NOT NULL,
    status events.pending_status NOT NULL DEFAULT 'waiting',
    attempts integer NOT NULL DEFAULT 0,
    due_at timestamptz NOT NULL,
    arrived_at timestamptz NOT NULL,
    last_sqlstate text,
    last_error text,
    CONSTRAINT pending_pkey PRIMARY KEY (tenant_id, handler, event_id),
    CONSTRAINT pending_attempts_check CHECK (attempts >= 0)
) WITH (fillfactor = 70);
CREATE INDEX pending_stream_idx ON events.pending (
    tenant_id, handler, aggregate_type, aggregate_id, aggregate_version
);
CREATE INDEX pending_position_idx ON events.pending (tenant_id, position) WHERE status = 'waiting';
COMMENT ON TABLE events.pending IS
'What arrived and was not acted upon yet, a row per handler. Short-lived: the head of each stream '
'is taken, the others wait for it.';
COMMENT ON COLUMN events.pending.position IS 'That of the event in events.event_store.';
COMMENT ON COLUMN events.pending.due_at IS 'Not tried before then.';
COMMENT ON COLUMN events.pending.last_error IS 'Why the last attempt failed, with last_sqlstate.';

CREATE TABLE events.settings (
    only_row boolean NOT NULL DEFAULT true,
    service core.module_name NOT NULL DEFAULT 'pgerp',
    CONSTRAINT settings_pkey PRIMARY KEY (only_row),
    CONSTRAINT settings_only_row_check CHECK (only_row)
);
INSERT INTO events.settings DEFAULT VALUES;
COMMENT ON TABLE events.settings IS 'One row: what this database is in its installation.';
COMMENT ON COLUMN events.settings.service IS
'The service whose database this is; pgerp where all modules are in one.';

INSERT INTO identity.permissions (code, module, description, must_be_named) VALUES
('events.operate', 'events', 'Retry events that handlers gave up, or leave them out.', false);
