-- Seals of the audit log: a chain of hashes per tenant, from which single values can be redacted.
-- depends: 20261127_1905_ledger_seals_of_core

-- The columns are those of core.seal.
CREATE TABLE audit.seals (
    tenant_id integer NOT NULL,
    seal_no bigint NOT NULL,
    first_position bigint NOT NULL,
    last_position bigint NOT NULL,
    merkle_root bytea NOT NULL,
    previous_hash bytea NOT NULL,
    seal_hash bytea NOT NULL,
    complete_before timestamptz,
    open_transactions text [] NOT NULL,
    sealed_at timestamptz NOT NULL,
    sealed_by text NOT NULL,
    CONSTRAINT seals_pkey PRIMARY KEY (tenant_id, seal_no),
    CONSTRAINT seals_first_position_key UNIQUE (tenant_id, first_position),
    CONSTRAINT seals_seal_no_check CHECK (seal_no > 0),
    CONSTRAINT seals_positions_check CHECK (0 < first_position AND first_position <= last_position),
    CONSTRAINT seals_merkle_root_check CHECK (length(merkle_root) = 32),
    CONSTRAINT seals_previous_hash_check CHECK (length(previous_hash) = 32),
    CONSTRAINT seals_seal_hash_check CHECK (length(seal_hash) = 32)
);
COMMENT ON TABLE audit.seals IS
'The seals of the audit log of a tenant (0: of tables without tenant), a chain: each covers the '
'rows logged since the one before, all of one year, and its hash covers that one''s. Append-only. '
'docs/ledger-seals.md says how every byte comes about.';
COMMENT ON COLUMN audit.seals.seal_no IS 'From 1, without gaps.';
COMMENT ON COLUMN audit.seals.first_position IS
'Place of its first row among all sealed rows of the tenant, from 1.';
COMMENT ON COLUMN audit.seals.last_position IS 'Place of its last row.';
COMMENT ON COLUMN audit.seals.merkle_root IS
'SHA-256 Merkle tree hash (RFC 6962) over the leaves in audit.sealed_changes, in order.';
COMMENT ON COLUMN audit.seals.previous_hash IS
'seal_hash of the seal before; 32 zero bytes for the first.';
COMMENT ON COLUMN audit.seals.seal_hash IS 'SHA-256 over all other columns.';
COMMENT ON COLUMN audit.seals.complete_before IS
'Every row logged before this instant is in this seal or an earlier one: whatever else has an id '
'of an earlier time was inserted later. NULL: not known yet.';
COMMENT ON COLUMN audit.seals.open_transactions IS
'Virtual ids of the transactions of this database that were open when it was made and may have '
'logged rows that were not seen; later seals go by them to find complete_before.';
COMMENT ON COLUMN audit.seals.sealed_at IS 'Start of the transaction that made it.';
COMMENT ON COLUMN audit.seals.sealed_by IS 'Who made it: the token''s subject, or the operator.';

CREATE TABLE audit.sealed_changes (
    tenant_id integer NOT NULL,
    log_id uuid NOT NULL,
    seal_no bigint NOT NULL,
    leaf_no bigint NOT NULL,
    leaf_hash bytea NOT NULL,
    salt bytea,
    openings jsonb,
    CONSTRAINT sealed_changes_pkey PRIMARY KEY (tenant_id, log_id),
    CONSTRAINT sealed_changes_leaf_key UNIQUE (tenant_id, seal_no, leaf_no),
    CONSTRAINT sealed_changes_leaf_no_check CHECK (leaf_no > 0),
    CONSTRAINT sealed_changes_leaf_hash_check CHECK (length(leaf_hash) = 32),
    CONSTRAINT sealed_changes_salt_check CHECK (length(salt) = 32),
    CONSTRAINT sealed_changes_openings_check CHECK (num_nonnulls(salt, openings) = 1),
    CONSTRAINT sealed_changes_seal_fkey FOREIGN KEY (tenant_id, seal_no)
    REFERENCES audit.seals (tenant_id, seal_no) ON DELETE RESTRICT
    DEFERRABLE INITIALLY DEFERRED
);
COMMENT ON TABLE audit.sealed_changes IS
'The leaves of the seals: one for each sealed row of audit.log. No role of clients reads it, since '
'with a salt somebody could guess at what is redacted later. Goes with the years of the log.';
COMMENT ON COLUMN audit.sealed_changes.log_id IS 'The row of audit.log.';
COMMENT ON COLUMN audit.sealed_changes.leaf_no IS
'Place within the seal, from 1, in the order of log_id.';
COMMENT ON COLUMN audit.sealed_changes.leaf_hash IS
'SHA-256 over the byte 0x00 and the encoding of the row, in which each value of old_row and '
'new_row is a salted hash (docs/ledger-seals.md).';
COMMENT ON COLUMN audit.sealed_changes.salt IS
'Random bytes, made with the seal, of which the salt of each value is derived. NULL once a value '
'of the row was redacted.';
COMMENT ON COLUMN audit.sealed_changes.openings IS
'Once a value was redacted, what is left to prove the others by: {"old": {column: {"key": the salt '
'of the value} or {"hash": the salted hash of the value that was redacted}}, "new": …}, in '
'hexadecimal.';

CREATE TABLE audit.removals (
    tenant_id integer NOT NULL,
    id uuid NOT NULL DEFAULT core.uuid_v7(),
    log_year integer NOT NULL,
    row_count bigint NOT NULL,
    seal_nos int8multirange NOT NULL,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    last_modified_at timestamptz NOT NULL,
    last_modified_by text NOT NULL,
    CONSTRAINT removals_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT removals_row_count_check CHECK (row_count > 0)
);
COMMENT ON TABLE audit.removals IS
'Which years of audit.log were removed of a tenant since they were old enough '
'(audit.remove_expired). Append-only, and in the log itself: a year that is gone without it was '
'removed by hand.';
COMMENT ON COLUMN audit.removals.log_year IS 'The year, by the ids of its rows (UTC).';
COMMENT ON COLUMN audit.removals.row_count IS 'How many rows of the tenant it had.';
COMMENT ON COLUMN audit.removals.seal_nos IS
'The seals of the tenant over rows of that year: their leaves are gone, too.';

INSERT INTO identity.permissions (code, module, description, must_be_named) VALUES
('audit.seal', 'audit', 'Seal the audit log.', false);
