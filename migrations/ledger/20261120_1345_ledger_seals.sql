-- Seals: hash chains over the posted entries of each tenant, for evidence against tampering.
-- depends: 20261120_1200_ledger_lifecycle

CREATE TABLE ledger.seals (
    tenant_id integer NOT NULL,
    seal_no bigint NOT NULL,
    first_position bigint NOT NULL,
    last_position bigint NOT NULL,
    merkle_root bytea NOT NULL,
    previous_hash bytea NOT NULL,
    seal_hash bytea NOT NULL,
    complete_before timestamptz,
    open_transactions text[] NOT NULL,
    sealed_at timestamptz NOT NULL,
    sealed_by text NOT NULL,
    CONSTRAINT seals_pkey PRIMARY KEY (tenant_id, seal_no),
    CONSTRAINT seals_first_position_key UNIQUE (tenant_id, first_position),
    CONSTRAINT seals_seal_no_check CHECK (seal_no > 0),
    CONSTRAINT seals_positions_check CHECK (0 < first_position AND first_position <= last_position),
    CONSTRAINT seals_merkle_root_check CHECK (length(merkle_root) = 32),
    CONSTRAINT seals_previous_hash_check CHECK (length(previous_hash) = 32),
    CONSTRAINT seals_seal_hash_check CHECK (length(seal_hash) = 32),
    CONSTRAINT seals_tenant_fkey FOREIGN KEY (tenant_id)
    REFERENCES identity.tenants (id) ON DELETE RESTRICT
);
COMMENT ON TABLE ledger.seals IS
'The seals of a tenant, a chain: each covers the entries posted since the one before, and its '
'hash covers that one''s. Append-only. docs/ledger-seals.md says how every byte comes about.';
COMMENT ON COLUMN ledger.seals.seal_no IS 'From 1, without gaps.';
COMMENT ON COLUMN ledger.seals.first_position IS
'Place of its first entry among all sealed entries of the tenant, from 1.';
COMMENT ON COLUMN ledger.seals.last_position IS 'Place of its last entry.';
COMMENT ON COLUMN ledger.seals.merkle_root IS
'SHA-256 Merkle tree hash (RFC 6962) over the leaves in ledger.sealed_entries, in order.';
COMMENT ON COLUMN ledger.seals.previous_hash IS
'seal_hash of the seal before; 32 zero bytes for the first.';
COMMENT ON COLUMN ledger.seals.seal_hash IS 'SHA-256 over all other columns.';
COMMENT ON COLUMN ledger.seals.complete_before IS
'Every entry posted before this instant is in this seal or an earlier one: whatever else bears '
'an earlier posted_at was inserted later. NULL: not known yet.';
COMMENT ON COLUMN ledger.seals.open_transactions IS
'Virtual ids of the transactions of this database that were open when it was made and may post '
'under an earlier time; later seals go by them to find complete_before.';
COMMENT ON COLUMN ledger.seals.sealed_at IS 'Start of the transaction that made it.';
COMMENT ON COLUMN ledger.seals.sealed_by IS 'Who made it: the token''s subject.';

CREATE TABLE ledger.sealed_entries (
    tenant_id integer NOT NULL,
    seal_no bigint NOT NULL,
    leaf_no bigint NOT NULL,
    entry_id uuid NOT NULL,
    business_id integer NOT NULL,
    content text NOT NULL,
    CONSTRAINT sealed_entries_pkey PRIMARY KEY (tenant_id, seal_no, leaf_no),
    CONSTRAINT sealed_entries_entry_key UNIQUE (tenant_id, entry_id),
    CONSTRAINT sealed_entries_leaf_no_check CHECK (leaf_no > 0),
    CONSTRAINT sealed_entries_business_fkey FOREIGN KEY (tenant_id, business_id)
    REFERENCES identity.businesses (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT sealed_entries_seal_fkey FOREIGN KEY (tenant_id, seal_no)
    REFERENCES ledger.seals (tenant_id, seal_no) ON DELETE RESTRICT
    DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX sealed_entries_business_idx ON ledger.sealed_entries (tenant_id, business_id);
COMMENT ON TABLE ledger.sealed_entries IS
'The leaves of the seals: one row a posted entry. Outlives archived entries, hence no foreign key '
'to them. Append-only.';
COMMENT ON COLUMN ledger.sealed_entries.leaf_no IS
'Place within the seal, from 1, in the order of posted_at and id.';
COMMENT ON COLUMN ledger.sealed_entries.content IS
'The entry and its lines as they were sealed, in the encoding of docs/ledger-seals.md; SHA-256 '
'over the byte 0x00 and it is the leaf. What was changed or deleted later is told by it.';
COMMENT ON COLUMN ledger.sealed_entries.entry_id IS
'The entry in ledger.journal_entries, or in its archive.';
