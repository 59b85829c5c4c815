-- Consents; what each table holds of a person and what becomes of it; exports and anonymisations.
-- depends: 20261127_1930_party_customers

CREATE TABLE party.consents (
    tenant_id integer NOT NULL,
    id uuid NOT NULL DEFAULT core.uuid_v7(),
    customer_id uuid NOT NULL,
    purpose core.code NOT NULL,
    decision party.consent_decision NOT NULL,
    decided_at timestamptz NOT NULL,
    source core.code NOT NULL,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    last_modified_at timestamptz NOT NULL,
    last_modified_by text NOT NULL,
    CONSTRAINT consents_pkey PRIMARY KEY (tenant_id, id),
    -- Codes, not prose: the row outlives party.anonymise as proof.
    CONSTRAINT consents_purpose_check CHECK (purpose COLLATE "C" ~ '^[a-z][a-z_]{1,59}$'),
    CONSTRAINT consents_source_check CHECK (source COLLATE "C" ~ '^[a-z][a-z_]{1,59}$'),
    CONSTRAINT consents_decided_at_check CHECK (decided_at <= created_at),
    CONSTRAINT consents_customer_fkey FOREIGN KEY (tenant_id, customer_id)
    REFERENCES party.customers (tenant_id, id) ON DELETE RESTRICT
);
CREATE INDEX consents_customer_idx
ON party.consents (tenant_id, customer_id, purpose, decided_at DESC, id DESC);
COMMENT ON TABLE party.consents IS
'What customers agreed to, and took back: append-only. The latest decision counts '
'(party.current_consents). Kept when a customer is anonymised: it proves that there was consent '
'(GDPR art. 7(1), Kenya Data Protection Act s. 32), and names nobody.';
COMMENT ON COLUMN party.consents.purpose IS
'For what, and by which channel, such as sms_reminders, sms_marketing, data_sharing: lower-case '
'letters and _.';
COMMENT ON COLUMN party.consents.decision IS 'Granted or withdrawn.';
COMMENT ON COLUMN party.consents.decided_at IS 'When the customer decided, if not just now.';
COMMENT ON COLUMN party.consents.source IS
'How it came in, such as paper_form, web, ussd, phone_call: lower-case letters and _.';

CREATE TYPE party.privacy_act_kind AS ENUM ('export', 'anonymise');
COMMENT ON TYPE party.privacy_act_kind IS 'What was done with a person''s data.';

CREATE TABLE party.privacy_acts (
    tenant_id integer NOT NULL,
    id uuid NOT NULL DEFAULT core.uuid_v7(),
    customer_id uuid NOT NULL,
    kind party.privacy_act_kind NOT NULL,
    reason core.label,
    row_counts jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    last_modified_at timestamptz NOT NULL,
    last_modified_by text NOT NULL,
    CONSTRAINT privacy_acts_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT privacy_acts_reason_check CHECK (kind <> 'anonymise' OR reason IS NOT NULL),
    CONSTRAINT privacy_acts_row_counts_check CHECK (jsonb_typeof(row_counts) = 'object'),
    CONSTRAINT privacy_acts_customer_fkey FOREIGN KEY (tenant_id, customer_id)
    REFERENCES party.customers (tenant_id, id) ON DELETE RESTRICT
);
CREATE INDEX privacy_acts_customer_idx ON party.privacy_acts (tenant_id, customer_id);
CREATE UNIQUE INDEX privacy_acts_anonymise_idx ON party.privacy_acts (tenant_id, customer_id)
WHERE kind = 'anonymise';
COMMENT ON TABLE party.privacy_acts IS
'Every export of a person''s data and every anonymisation: append-only; created_at and created_by '
'say when and who. It holds nothing of the person.';
COMMENT ON COLUMN party.privacy_acts.kind IS 'Export or anonymise.';
COMMENT ON COLUMN party.privacy_acts.reason IS
'Why a customer was anonymised, such as the number of the request. It stays: name nobody in it.';
COMMENT ON COLUMN party.privacy_acts.row_counts IS
'Rows that were exported, changed or deleted, by table; of the audit log, under audit.log.';

CREATE TYPE party.row_treatment AS ENUM ('change', 'delete', 'keep');
COMMENT ON TYPE party.row_treatment IS
'What party.anonymise does with a table''s rows of a customer.';

CREATE TABLE party.personal_data_tables (
    table_name core.code NOT NULL,
    customer_column core.code NOT NULL DEFAULT 'customer_id',
    is_by_number boolean NOT NULL DEFAULT false,
    treatment party.row_treatment NOT NULL,
    reason core.label,
    objection core.code,
    CONSTRAINT personal_data_tables_pkey PRIMARY KEY (table_name),
    CONSTRAINT personal_data_tables_reason_check
    CHECK (treatment <> 'keep' OR reason IS NOT NULL)
);
COMMENT ON TABLE party.personal_data_tables IS
'Every table with rows of customers: what is exported, and what party.anonymise does. Migrations '
'of a domain add its tables; a check compares it with the catalog.';
COMMENT ON COLUMN party.personal_data_tables.table_name IS 'With its schema: lending.loans.';
COMMENT ON COLUMN party.personal_data_tables.customer_column IS
'Its column that says whose row it is.';
COMMENT ON COLUMN party.personal_data_tables.is_by_number IS
'False: that column holds the customer''s id; true: the customer_no.';
COMMENT ON COLUMN party.personal_data_tables.treatment IS
'change: treat the columns of party.personal_data_columns; delete: delete the rows; keep: leave '
'them as they are, for the reason.';
COMMENT ON COLUMN party.personal_data_tables.reason IS
'Why the rows are kept: the law, or that they tell of nobody.';
COMMENT ON COLUMN party.personal_data_tables.objection IS
'A function (tenant_id integer, customer_id uuid) RETURNS text that says why the customer may not '
'be anonymised yet, such as an open loan, or NULL: lending.objection. NULL: never objects.';

CREATE TYPE party.column_treatment AS ENUM ('keep', 'blank', 'replace');
COMMENT ON TYPE party.column_treatment IS
'What party.anonymise does with a column. keep: nothing, it tells nothing of the person; blank: '
'NULL; replace: the text Anonymised. Values of blank and replace go from the audit log too.';

CREATE TABLE party.personal_data_columns (
    table_name core.code NOT NULL,
    column_name core.code NOT NULL,
    treatment party.column_treatment NOT NULL,
    CONSTRAINT personal_data_columns_pkey PRIMARY KEY (table_name, column_name),
    CONSTRAINT personal_data_columns_table_fkey FOREIGN KEY (table_name)
    REFERENCES party.personal_data_tables (table_name) ON DELETE CASCADE
);
COMMENT ON TABLE party.personal_data_columns IS
'Every column of the tables that party.anonymise changes or deletes from, but for keys, stamps and '
'version. Of a deleted row blank means that its values go from the audit log.';
COMMENT ON COLUMN party.personal_data_columns.column_name IS 'Name of the column.';
COMMENT ON COLUMN party.personal_data_columns.treatment IS 'Keep, blank or replace.';

INSERT INTO party.personal_data_tables (table_name, customer_column, treatment, reason) VALUES
('party.customers', 'id', 'change', NULL),
('party.customer_contacts', 'customer_id', 'delete', NULL),
('party.customer_addresses', 'customer_id', 'delete', NULL),
('party.identity_documents', 'customer_id', 'delete', NULL),
('party.customer_terms', 'customer_id', 'keep', 'Derived: a trigger has them follow the customer.'),
('party.consents', 'customer_id', 'keep', 'Proof of consent, GDPR art. 7(1); codes only.'),
('party.privacy_acts', 'customer_id', 'keep', 'Proof of what was done; holds counts only.');
INSERT INTO party.personal_data_columns (table_name, column_name, treatment) VALUES
('party.customers', 'customer_no', 'keep'),
('party.customers', 'kind', 'keep'),
('party.customers', 'display_name', 'replace'),
('party.customers', 'given_name', 'blank'),
('party.customers', 'family_name', 'blank'),
('party.customers', 'organisation_name', 'blank'),
('party.customers', 'email', 'blank'),
('party.customers', 'phone_encrypted', 'blank'),
('party.customers', 'phone_hash', 'blank'),
('party.customers', 'birth_date', 'blank'),
('party.customers', 'locale', 'blank'),
('party.customers', 'status', 'keep'),
('party.customer_contacts', 'channel', 'keep'),
('party.customer_contacts', 'label', 'blank'),
('party.customer_contacts', 'contact_name', 'blank'),
('party.customer_contacts', 'email', 'blank'),
('party.customer_contacts', 'phone_encrypted', 'blank'),
('party.customer_contacts', 'phone_hash', 'blank'),
('party.customer_contacts', 'is_primary', 'keep'),
('party.customer_addresses', 'kind', 'keep'),
('party.customer_addresses', 'line_1', 'blank'),
('party.customer_addresses', 'line_2', 'blank'),
('party.customer_addresses', 'city', 'blank'),
('party.customer_addresses', 'postal_code', 'blank'),
('party.customer_addresses', 'country_code', 'blank'),
('party.customer_addresses', 'is_primary', 'keep'),
('party.identity_documents', 'document_type', 'keep'),
('party.identity_documents', 'number_encrypted', 'blank'),
('party.identity_documents', 'number_hash', 'blank'),
('party.identity_documents', 'issuing_country', 'blank'),
('party.identity_documents', 'valid_until', 'blank'),
('party.identity_documents', 'is_primary', 'keep');

INSERT INTO identity.permissions (code, module, description, must_be_named) VALUES
('party.manage_customers', 'party', 'Make and change customers; record consents.', false),
('party.export_personal_data', 'party', 'Export all that is stored of a customer.', true),
('party.anonymise', 'party', 'Anonymise customers.', true);
