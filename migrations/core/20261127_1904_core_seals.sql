-- What a seal is, whatever it seals.
-- depends: 20261127_1900_audit_redactions

CREATE TYPE core.seal AS (
    tenant_id integer,
    seal_no bigint,
    first_position bigint,
    last_position bigint,
    merkle_root bytea,
    previous_hash bytea,
    seal_hash bytea,
    complete_before timestamptz,
    open_transactions text [],
    sealed_at timestamptz,
    sealed_by text
);
COMMENT ON TYPE core.seal IS
'A seal of a chain, as ledger.seals and audit.seals have it, column by column.';
