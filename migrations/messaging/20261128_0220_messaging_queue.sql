-- Templates of messages, and the queue and history of what is sent by them.
-- depends: 20261127_1932_party_privacy 20261127_2000_events_store

CREATE SCHEMA messaging;
COMMENT ON SCHEMA messaging IS
'What customers are written: templates, and the queue that a worker sends through a gateway.';

CREATE TYPE messaging.channel AS ENUM ('sms', 'email');
COMMENT ON TYPE messaging.channel IS 'By what a message goes.';

CREATE TYPE messaging.message_status AS ENUM (
    'queued', 'claimed', 'sent', 'delivered', 'failed', 'cancelled', 'suppressed'
);
COMMENT ON TYPE messaging.message_status IS
'queued: to be sent when due; claimed: a worker is sending it, until its lease ends; sent: the '
'gateway took it; delivered: the gateway reported so; failed: given up, or reported as not '
'delivered; cancelled: called back before it was sent; suppressed: not sent, for '
'messaging.suppression.';

CREATE TYPE messaging.suppression AS ENUM ('no_consent', 'no_contact', 'anonymised');
COMMENT ON TYPE messaging.suppression IS
'Why a message is not sent: the customer withdrew the consent, or never gave one that is needed; '
'has no phone number or e-mail address; is anonymised.';

CREATE TABLE messaging.templates (
    tenant_id integer NOT NULL,
    id uuid NOT NULL DEFAULT core.uuid_v7(),
    code core.code NOT NULL,
    channel messaging.channel NOT NULL DEFAULT 'sms',
    language core.code NOT NULL,
    subject core.label,
    body text NOT NULL,
    purpose core.code NOT NULL,
    needs_consent boolean NOT NULL DEFAULT false,
    max_attempts smallint NOT NULL DEFAULT 8,
    is_active boolean NOT NULL DEFAULT true,
    version core.row_version NOT NULL,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    last_modified_at timestamptz NOT NULL,
    last_modified_by text NOT NULL,
    CONSTRAINT templates_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT templates_language_key UNIQUE (tenant_id, code, language),
    CONSTRAINT templates_code_check CHECK (code COLLATE "C" ~ '^[a-z][a-z0-9_]{0,59}$'),
    CONSTRAINT templates_language_check CHECK (
        language COLLATE "C" ~ '^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$'
    ),
    CONSTRAINT templates_purpose_check CHECK (purpose COLLATE "C" ~ '^[a-z][a-z_]{1,59}$'),
    CONSTRAINT templates_max_attempts_check CHECK (max_attempts BETWEEN 1 AND 50),
    CONSTRAINT templates_subject_check CHECK ((channel = 'email') = (subject IS NOT NULL)),
    CONSTRAINT templates_body_check CHECK (
        body ~ '[^[:space:]]' AND length(body) <= CASE channel WHEN 'sms' THEN 1000 ELSE 20000 END
    ),
    -- What is no placeholder has no double braces.
    CONSTRAINT templates_placeholders_check CHECK (
        regexp_replace(
            concat(subject, E'\n', body) COLLATE "C", '\{\{[a-z][a-z0-9_]{0,39}\}\}', '', 'g'
        ) !~ '\{\{|\}\}'
    ),
    CONSTRAINT templates_tenant_fkey FOREIGN KEY (tenant_id)
    REFERENCES identity.tenants (id) ON DELETE RESTRICT
);
COMMENT ON TABLE messaging.templates IS
'Texts with placeholders, {{amount}}, one row for each language, for all businesses of the tenant.';
COMMENT ON COLUMN messaging.templates.code IS
'By what it is asked for, such as loan_reminder: lower-case letters, digits and _.';
COMMENT ON COLUMN messaging.templates.channel IS 'By what messages of it go.';
COMMENT ON COLUMN messaging.templates.language IS 'BCP 47, such as sw or sw-KE.';
COMMENT ON COLUMN messaging.templates.subject IS 'Of an e-mail; may have placeholders too.';
COMMENT ON COLUMN messaging.templates.body IS
'Up to 1000 characters in an SMS, 20000 in an e-mail.';
COMMENT ON COLUMN messaging.templates.purpose IS
'What customers agree to, or object to, in party.consents, such as sms_reminders.';
COMMENT ON COLUMN messaging.templates.needs_consent IS
'False: sent until a customer withdraws; true: only to customers who agreed, as advertising needs.';
COMMENT ON COLUMN messaging.templates.max_attempts IS
'How often it is tried to send a message before it is given up.';
COMMENT ON COLUMN messaging.templates.is_active IS 'False: nothing new is queued by it.';
COMMENT ON COLUMN messaging.templates.version IS
'Give the version that was read to messaging.save_template: a stale change is refused.';

CREATE TABLE messaging.messages (
    tenant_id integer NOT NULL,
    id uuid NOT NULL DEFAULT core.uuid_v7(),
    business_id integer NOT NULL,
    customer_id uuid,
    channel messaging.channel NOT NULL,
    phone_encrypted core.encrypted_value,
    phone_hash core.keyed_hash,
    email identity.email,
    template_id uuid NOT NULL,
    template_version integer NOT NULL,
    template_values jsonb,
    subject text,
    body text,
    segments smallint,
    purpose core.code NOT NULL,
    needs_consent boolean NOT NULL,
    dedup_key core.code,
    status messaging.message_status NOT NULL,
    suppressed_for messaging.suppression,
    attempts smallint NOT NULL DEFAULT 0,
    attempts_left smallint NOT NULL,
    due_at timestamptz,
    claimed_by core.code,
    gateway core.code,
    gateway_message_id core.code,
    last_error core.note,
    sent_at timestamptz,
    delivered_at timestamptz,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    last_modified_at timestamptz NOT NULL,
    last_modified_by text NOT NULL,
    CONSTRAINT messages_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT messages_dedup_key_key UNIQUE (tenant_id, business_id, dedup_key),
    CONSTRAINT messages_phone_check CHECK ((phone_encrypted IS NULL) = (phone_hash IS NULL)),
    CONSTRAINT messages_recipient_check CHECK (
        CASE channel WHEN 'sms' THEN email IS NULL ELSE phone_hash IS NULL END
        AND (customer_id IS NOT NULL OR num_nonnulls(phone_hash, email) = 1)
    ),
    CONSTRAINT messages_template_values_check CHECK (jsonb_typeof(template_values) = 'object'),
    CONSTRAINT messages_segments_check CHECK ((channel = 'sms') = (segments IS NOT NULL)),
    CONSTRAINT messages_attempts_check CHECK (attempts >= 0 AND attempts_left >= 0),
    CONSTRAINT messages_status_check CHECK (
        (status IN ('queued', 'claimed')) = (due_at IS NOT NULL)
        AND (status = 'claimed') = (claimed_by IS NOT NULL)
        AND (status = 'suppressed') = (suppressed_for IS NOT NULL)
        AND (status NOT IN ('sent', 'delivered') OR sent_at IS NOT NULL)
        AND (status = 'delivered') = (delivered_at IS NOT NULL)
        AND (status <> 'claimed' OR gateway IS NOT NULL)
    ),
    CONSTRAINT messages_business_fkey FOREIGN KEY (tenant_id, business_id)
    REFERENCES identity.businesses (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT messages_customer_fkey FOREIGN KEY (tenant_id, customer_id)
    REFERENCES party.customers (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT messages_template_fkey FOREIGN KEY (tenant_id, template_id)
    REFERENCES messaging.templates (tenant_id, id) ON DELETE RESTRICT
);
CREATE INDEX messages_due_idx ON messaging.messages (tenant_id, due_at)
WHERE due_at IS NOT NULL;
CREATE INDEX messages_customer_idx ON messaging.messages (tenant_id, customer_id);
CREATE INDEX messages_template_idx ON messaging.messages (tenant_id, template_id);
CREATE INDEX messages_gateway_idx ON messaging.messages (tenant_id, gateway_message_id)
WHERE gateway_message_id IS NOT NULL;
COMMENT ON TABLE messaging.messages IS
'What is to be sent, is being sent, and was sent: queue and history. It never holds a plain phone '
'number; the text is the person''s and goes with party.anonymise.';
COMMENT ON COLUMN messaging.messages.customer_id IS
'To whom; NULL: to somebody who is no customer, at phone_encrypted or email.';
COMMENT ON COLUMN messaging.messages.channel IS 'The template''s, when it was queued.';
COMMENT ON COLUMN messaging.messages.phone_encrypted IS
'Where an SMS was sent: the customer''s number as it was when the message was claimed. The worker '
'decrypts it.';
COMMENT ON COLUMN messaging.messages.phone_hash IS 'By what that number is found.';
COMMENT ON COLUMN messaging.messages.email IS 'Where an e-mail was sent, in the same way.';
COMMENT ON COLUMN messaging.messages.template_version IS
'The version of the template that the text is of.';
COMMENT ON COLUMN messaging.messages.template_values IS
'JSON object: what was put into the placeholders.';
COMMENT ON COLUMN messaging.messages.subject IS 'Of an e-mail, with the values put in.';
COMMENT ON COLUMN messaging.messages.body IS
'The text, with the values put in; NULL once the customer is anonymised.';
COMMENT ON COLUMN messaging.messages.segments IS
'How many SMS it is billed as (messaging.sms_segments).';
COMMENT ON COLUMN messaging.messages.purpose IS 'The template''s, when it was queued.';
COMMENT ON COLUMN messaging.messages.needs_consent IS 'The template''s, when it was queued.';
COMMENT ON COLUMN messaging.messages.dedup_key IS
'A message with the same key is not queued again in the business, such as '
'loan_reminder:<id of the loan>:2026-12-01. It outlives party.anonymise: name nobody in it.';
COMMENT ON COLUMN messaging.messages.suppressed_for IS 'Why it is not sent.';
COMMENT ON COLUMN messaging.messages.attempts IS
'How often it was claimed; never less. A worker says which attempt it tells of.';
COMMENT ON COLUMN messaging.messages.attempts_left IS
'How often it may be claimed yet, before it is given up.';
COMMENT ON COLUMN messaging.messages.due_at IS
'queued: when it is to be tried next; claimed: when the lease ends, and others may claim it.';
COMMENT ON COLUMN messaging.messages.claimed_by IS 'Login and process of the worker''s session.';
COMMENT ON COLUMN messaging.messages.gateway IS 'Through which gateway it was tried last.';
COMMENT ON COLUMN messaging.messages.gateway_message_id IS
'What the gateway calls it; delivery reports name it.';
COMMENT ON COLUMN messaging.messages.last_error IS 'Why the last attempt failed.';
COMMENT ON COLUMN messaging.messages.sent_at IS 'When the gateway took it.';
COMMENT ON COLUMN messaging.messages.delivered_at IS 'When it arrived, as the gateway reports.';

-- What ANALYZE samples stands in pg_statistic until the next one: nothing of a person shall.
ALTER TABLE messaging.messages
ALTER COLUMN phone_encrypted SET STATISTICS 0,
ALTER COLUMN phone_hash SET STATISTICS 0,
ALTER COLUMN email SET STATISTICS 0,
ALTER COLUMN template_values SET STATISTICS 0,
ALTER COLUMN subject SET STATISTICS 0,
ALTER COLUMN body SET STATISTICS 0,
ALTER COLUMN last_error SET STATISTICS 0;

INSERT INTO party.personal_data_tables (table_name, treatment) VALUES
('messaging.messages', 'change');
INSERT INTO party.personal_data_columns (table_name, column_name, treatment) VALUES
('messaging.messages', 'channel', 'keep'),
('messaging.messages', 'phone_encrypted', 'blank'),
('messaging.messages', 'phone_hash', 'blank'),
('messaging.messages', 'email', 'blank'),
('messaging.messages', 'template_id', 'keep'),
('messaging.messages', 'template_version', 'keep'),
('messaging.messages', 'template_values', 'blank'),
('messaging.messages', 'subject', 'blank'),
('messaging.messages', 'body', 'blank'),
('messaging.messages', 'segments', 'keep'),
('messaging.messages', 'purpose', 'keep'),
('messaging.messages', 'needs_consent', 'keep'),
('messaging.messages', 'dedup_key', 'keep'),
('messaging.messages', 'status', 'keep'),
('messaging.messages', 'suppressed_for', 'keep'),
('messaging.messages', 'attempts', 'keep'),
('messaging.messages', 'attempts_left', 'keep'),
('messaging.messages', 'due_at', 'keep'),
('messaging.messages', 'claimed_by', 'keep'),
('messaging.messages', 'gateway', 'keep'),
('messaging.messages', 'gateway_message_id', 'keep'),
('messaging.messages', 'last_error', 'blank'),
('messaging.messages', 'sent_at', 'keep'),
('messaging.messages', 'delivered_at', 'keep');

INSERT INTO identity.permissions (code, module, description, must_be_named) VALUES
('messaging.manage_templates', 'messaging', 'Make and change templates of messages.', false),
('messaging.send', 'messaging', 'Queue, cancel and retry messages; report deliveries.', false);
