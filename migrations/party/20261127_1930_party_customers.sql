-- Customers, shared by the businesses of a tenant: contacts, addresses, identity documents.
-- depends: 20261127_1800_core_sensitive_and_versioned_rows

CREATE SCHEMA party;
COMMENT ON SCHEMA party IS
'Who a tenant deals with: customers, shared by its businesses, and what the law asks about them.';

CREATE TYPE party.customer_kind AS ENUM ('person', 'organisation');
COMMENT ON TYPE party.customer_kind IS 'A natural person, or a company or other body.';

CREATE TYPE party.customer_status AS ENUM ('active', 'inactive', 'suspended', 'anonymised');
COMMENT ON TYPE party.customer_status IS
'anonymised: the person is gone, the row stays for the books; only party.anonymise sets it.';

CREATE TYPE party.contact_channel AS ENUM ('phone', 'email', 'person');
COMMENT ON TYPE party.contact_channel IS
'What a contact is: a phone number, an e-mail address, or somebody to speak to.';

CREATE TYPE party.address_kind AS ENUM ('home', 'work', 'postal', 'billing', 'delivery');
COMMENT ON TYPE party.address_kind IS 'What an address is for.';

CREATE TYPE party.consent_decision AS ENUM ('granted', 'withdrawn');
COMMENT ON TYPE party.consent_decision IS 'What a customer decided about a purpose.';

CREATE TABLE party.customers (
    tenant_id integer NOT NULL,
    id uuid NOT NULL DEFAULT core.uuid_v7(),
    customer_no core.code NOT NULL,
    kind party.customer_kind NOT NULL DEFAULT 'person',
    display_name core.label NOT NULL,
    given_name core.label,
    family_name core.label,
    organisation_name core.label,
    email identity.email,
    phone_encrypted core.encrypted_value,
    phone_hash core.keyed_hash,
    birth_date date,
    locale core.code,
    status party.customer_status NOT NULL DEFAULT 'active',
    version core.row_version NOT NULL,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    last_modified_at timestamptz NOT NULL,
    last_modified_by text NOT NULL,
    CONSTRAINT customers_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT customers_customer_no_key UNIQUE (tenant_id, customer_no),
    -- Books keep it for ever, so it may not be what a person goes by elsewhere.
    CONSTRAINT customers_customer_no_check CHECK (
        strpos(customer_no, '@') = 0
        AND customer_no COLLATE "C" !~ '^[^A-Za-z]*([0-9][^A-Za-z]*){7,}$'
    ),
    CONSTRAINT customers_phone_check
    CHECK ((phone_encrypted IS NULL) = (phone_hash IS NULL)),
    CONSTRAINT customers_kind_check CHECK (CASE kind
        WHEN 'person' THEN organisation_name IS NULL
        ELSE num_nonnulls(given_name, family_name, birth_date) = 0
    END),
    CONSTRAINT customers_anonymised_check CHECK (
        status <> 'anonymised' OR (
            display_name = 'Anonymised' AND num_nonnulls(
                given_name, family_name, organisation_name, email, phone_encrypted, birth_date,
                locale
            ) = 0
        )
    ),
    CONSTRAINT customers_tenant_fkey FOREIGN KEY (tenant_id)
    REFERENCES identity.tenants (id) ON DELETE RESTRICT
);
CREATE INDEX customers_phone_idx ON party.customers (tenant_id, phone_hash)
WHERE phone_hash IS NOT NULL;
CREATE INDEX customers_status_idx ON party.customers (tenant_id, status)
WHERE status <> 'active';
COMMENT ON TABLE party.customers IS
'A customer of a tenant, known to all its businesses: one row, whatever it buys from which. What '
'one domain needs of it (credit limit, loans) is in that domain''s own tables, which refer here.';
COMMENT ON COLUMN party.customers.customer_no IS
'What people and the books call the customer (ledger.journal_lines.counterparty). It outlives '
'party.anonymise, so it is never a phone number, an identity document''s number or an e-mail '
'address: @ is refused, and seven or more digits without a letter.';
COMMENT ON COLUMN party.customers.kind IS 'A person or an organisation.';
COMMENT ON COLUMN party.customers.display_name IS 'What stands on a receipt and in lists.';
COMMENT ON COLUMN party.customers.given_name IS 'Of a person.';
COMMENT ON COLUMN party.customers.family_name IS 'Of a person.';
COMMENT ON COLUMN party.customers.organisation_name IS 'Registered name of an organisation.';
COMMENT ON COLUMN party.customers.email IS
'Where the customer is written to first; others are in party.customer_contacts.';
COMMENT ON COLUMN party.customers.phone_encrypted IS
'The number that is called first, in international form, encrypted; others are in '
'party.customer_contacts.';
COMMENT ON COLUMN party.customers.phone_hash IS 'By what the number is found.';
COMMENT ON COLUMN party.customers.birth_date IS 'Of a person.';
COMMENT ON COLUMN party.customers.locale IS
'The language to write in, BCP 47, such as sw-KE; NULL: the business''s.';
COMMENT ON COLUMN party.customers.version IS
'Give the version that was read to party.update_customer: a stale update is refused.';

CREATE TABLE party.customer_terms (
    tenant_id integer NOT NULL,
    customer_id uuid NOT NULL,
    term text COLLATE "C" NOT NULL,
    CONSTRAINT customer_terms_pkey PRIMARY KEY (tenant_id, term, customer_id),
    CONSTRAINT customer_terms_customer_fkey FOREIGN KEY (tenant_id, customer_id)
    REFERENCES party.customers (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX customer_terms_customer_idx ON party.customer_terms (tenant_id, customer_id);
COMMENT ON TABLE party.customer_terms IS
'By what customers are found: derived from each row of party.customers by a trigger '
'(party.search_terms), and proved against it.';
COMMENT ON COLUMN party.customer_terms.term IS
'The name from one of its words on, and around: wanjiku mary of Mary Wanjiku; or the number, or '
'the e-mail address, as one word. Lower case, without accents and punctuation.';

CREATE TABLE party.customer_contacts (
    tenant_id integer NOT NULL,
    id uuid NOT NULL DEFAULT core.uuid_v7(),
    customer_id uuid NOT NULL,
    channel party.contact_channel NOT NULL,
    label core.label,
    contact_name core.label,
    email identity.email,
    phone_encrypted core.encrypted_value,
    phone_hash core.keyed_hash,
    is_primary boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    last_modified_at timestamptz NOT NULL,
    last_modified_by text NOT NULL,
    CONSTRAINT customer_contacts_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT customer_contacts_phone_check
    CHECK ((phone_encrypted IS NULL) = (phone_hash IS NULL)),
    CONSTRAINT customer_contacts_channel_check CHECK (CASE channel
        WHEN 'phone' THEN phone_hash IS NOT NULL AND email IS NULL
        WHEN 'email' THEN email IS NOT NULL AND phone_hash IS NULL
        ELSE contact_name IS NOT NULL
    END),
    CONSTRAINT customer_contacts_customer_fkey FOREIGN KEY (tenant_id, customer_id)
    REFERENCES party.customers (tenant_id, id) ON DELETE RESTRICT
);
CREATE INDEX customer_contacts_customer_idx
ON party.customer_contacts (tenant_id, customer_id, channel);
CREATE UNIQUE INDEX customer_contacts_primary_idx
ON party.customer_contacts (tenant_id, customer_id, channel) WHERE is_primary;
CREATE INDEX customer_contacts_phone_idx ON party.customer_contacts (tenant_id, phone_hash)
WHERE phone_hash IS NOT NULL;
COMMENT ON TABLE party.customer_contacts IS
'Further phone numbers and e-mail addresses of a customer, and people to speak to.';
COMMENT ON COLUMN party.customer_contacts.channel IS
'phone needs the phone, email the e-mail address, person the name (and may have both).';
COMMENT ON COLUMN party.customer_contacts.label IS 'What it is, such as office or daughter.';
COMMENT ON COLUMN party.customer_contacts.contact_name IS 'Whom one reaches there.';
COMMENT ON COLUMN party.customer_contacts.email IS 'Of a contact by e-mail, or of the person.';
COMMENT ON COLUMN party.customer_contacts.phone_encrypted IS 'In international form, encrypted.';
COMMENT ON COLUMN party.customer_contacts.phone_hash IS 'By what the number is found.';
COMMENT ON COLUMN party.customer_contacts.is_primary IS
'Tried first of its channel; at most one a customer and channel.';

CREATE TABLE party.customer_addresses (
    tenant_id integer NOT NULL,
    id uuid NOT NULL DEFAULT core.uuid_v7(),
    customer_id uuid NOT NULL,
    kind party.address_kind NOT NULL DEFAULT 'home',
    line_1 core.label NOT NULL,
    line_2 core.label,
    city core.label NOT NULL,
    postal_code core.code,
    country_code core.code NOT NULL,
    is_primary boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    last_modified_at timestamptz NOT NULL,
    last_modified_by text NOT NULL,
    CONSTRAINT customer_addresses_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT customer_addresses_country_code_check CHECK (country_code ~ '^[A-Z]{2}$'),
    CONSTRAINT customer_addresses_customer_fkey FOREIGN KEY (tenant_id, customer_id)
    REFERENCES party.customers (tenant_id, id) ON DELETE RESTRICT
);
CREATE INDEX customer_addresses_customer_idx ON party.customer_addresses (tenant_id, customer_id);
CREATE UNIQUE INDEX customer_addresses_primary_idx
ON party.customer_addresses (tenant_id, customer_id) WHERE is_primary;
COMMENT ON TABLE party.customer_addresses IS 'Where a customer lives, works, or has things sent.';
COMMENT ON COLUMN party.customer_addresses.kind IS 'What it is for.';
COMMENT ON COLUMN party.customer_addresses.line_1 IS 'Street and house, or post-office box.';
COMMENT ON COLUMN party.customer_addresses.line_2 IS 'What else a messenger needs.';
COMMENT ON COLUMN party.customer_addresses.city IS 'Town or city.';
COMMENT ON COLUMN party.customer_addresses.postal_code IS 'As the country''s post writes it.';
COMMENT ON COLUMN party.customer_addresses.country_code IS 'ISO 3166-1 alpha-2, such as KE.';
COMMENT ON COLUMN party.customer_addresses.is_primary IS
'The one to use where none is asked for; at most one a customer.';

CREATE TABLE party.document_types (
    code core.code NOT NULL,
    name core.label NOT NULL,
    CONSTRAINT document_types_pkey PRIMARY KEY (code),
    CONSTRAINT document_types_code_check CHECK (code ~ '^[a-z][a-z0-9_]*$')
);
COMMENT ON TABLE party.document_types IS 'Kinds of identity documents.';
INSERT INTO party.document_types (code, name) VALUES
('national_id', 'National identity card'),
('passport', 'Passport'),
('alien_id', 'Alien identity card'),
('military_id', 'Military identity card'),
('driving_licence', 'Driving licence'),
('tax_pin', 'Tax number, such as the PIN of the KRA'),
('business_registration', 'Registration of a business');

CREATE TABLE party.identity_documents (
    tenant_id integer NOT NULL,
    id uuid NOT NULL DEFAULT core.uuid_v7(),
    customer_id uuid NOT NULL,
    document_type core.code NOT NULL,
    number_encrypted core.encrypted_value NOT NULL,
    number_hash core.keyed_hash NOT NULL,
    issuing_country core.code NOT NULL,
    valid_until date,
    is_primary boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    last_modified_at timestamptz NOT NULL,
    last_modified_by text NOT NULL,
    CONSTRAINT identity_documents_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT identity_documents_number_key
    UNIQUE (tenant_id, number_hash, document_type, issuing_country),
    CONSTRAINT identity_documents_issuing_country_check CHECK (issuing_country ~ '^[A-Z]{2}$'),
    CONSTRAINT identity_documents_customer_fkey FOREIGN KEY (tenant_id, customer_id)
    REFERENCES party.customers (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT identity_documents_type_fkey FOREIGN KEY (document_type)
    REFERENCES party.document_types (code) ON DELETE RESTRICT
);
CREATE INDEX identity_documents_customer_idx
ON party.identity_documents (tenant_id, customer_id);
CREATE UNIQUE INDEX identity_documents_primary_idx
ON party.identity_documents (tenant_id, customer_id) WHERE is_primary;
CREATE INDEX identity_documents_type_idx ON party.identity_documents (document_type);
COMMENT ON TABLE party.identity_documents IS
'Documents by which customers proved who they are. A number belongs to one customer of the tenant; '
'the same number of another country is another document.';
COMMENT ON COLUMN party.identity_documents.number_encrypted IS 'The number, encrypted.';
COMMENT ON COLUMN party.identity_documents.number_hash IS 'By what the number is found.';
COMMENT ON COLUMN party.identity_documents.issuing_country IS 'ISO 3166-1 alpha-2, such as KE.';
COMMENT ON COLUMN party.identity_documents.valid_until IS 'Last day that it is valid, if it ends.';
COMMENT ON COLUMN party.identity_documents.is_primary IS
'The one to show where one is asked for; at most one a customer.';

-- What ANALYZE samples stands in pg_statistic until the next one: nothing of a person shall.
ALTER TABLE party.customers
ALTER COLUMN display_name SET STATISTICS 0,
ALTER COLUMN given_name SET STATISTICS 0,
ALTER COLUMN family_name SET STATISTICS 0,
ALTER COLUMN organisation_name SET STATISTICS 0,
ALTER COLUMN email SET STATISTICS 0,
ALTER COLUMN phone_encrypted SET STATISTICS 0,
ALTER COLUMN phone_hash SET STATISTICS 0,
ALTER COLUMN birth_date SET STATISTICS 0;
ALTER TABLE party.customer_terms
ALTER COLUMN term SET STATISTICS 0;
ALTER TABLE party.customer_contacts
ALTER COLUMN label SET STATISTICS 0,
ALTER COLUMN contact_name SET STATISTICS 0,
ALTER COLUMN email SET STATISTICS 0,
ALTER COLUMN phone_encrypted SET STATISTICS 0,
ALTER COLUMN phone_hash SET STATISTICS 0;
ALTER TABLE party.customer_addresses
ALTER COLUMN line_1 SET STATISTICS 0,
ALTER COLUMN line_2 SET STATISTICS 0,
ALTER COLUMN city SET STATISTICS 0,
ALTER COLUMN postal_code SET STATISTICS 0;
ALTER TABLE party.identity_documents
ALTER COLUMN number_encrypted SET STATISTICS 0,
ALTER COLUMN number_hash SET STATISTICS 0,
ALTER COLUMN valid_until SET STATISTICS 0;
