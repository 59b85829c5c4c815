-- Counters behind numbers that people read: businesses, documents.
-- depends: 20261120_0910_identity_tenants

CREATE TABLE core.document_counters (
    tenant_id integer NOT NULL,
    business_id integer NOT NULL DEFAULT 0,
    series core.code NOT NULL,
    last_number bigint NOT NULL,
    CONSTRAINT document_counters_pkey PRIMARY KEY (tenant_id, business_id, series),
    CONSTRAINT document_counters_last_number_check CHECK (last_number >= 0),
    CONSTRAINT document_counters_tenant_fkey FOREIGN KEY (tenant_id)
    REFERENCES identity.tenants (id) ON DELETE RESTRICT
);
COMMENT ON TABLE core.document_counters IS
'The last number given in each series; a row is locked until its transaction ends, so numbers '
'have no gaps.';
COMMENT ON COLUMN core.document_counters.business_id IS
'The business, or 0 for a series of the whole tenant.';
COMMENT ON COLUMN core.document_counters.series IS
'What is numbered, such as business or invoice-2026.';
COMMENT ON COLUMN core.document_counters.last_number IS
'The last number given; 0 before the first.';
