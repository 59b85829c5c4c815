-- Posting rules: which entry the ledger makes of an event, as rows, every revision kept.
-- depends: 20261127_2000_events_store 20261127_1310_ledger_closing_limits
-- squawk-ignore-file ban-drop-function

-- Its arguments change; the repeatables make it anew.
DROP FUNCTION IF EXISTS ledger.insert_entry(
    integer, integer, date, text, text, ledger.new_line[], text, text, text, text, uuid
);

CREATE DOMAIN ledger.payload_path AS text
CONSTRAINT payload_path_is_names_and_points_check CHECK (
    length(VALUE) <= 200
    AND VALUE COLLATE "C" ~ '\A[A-Za-z_][A-Za-z0-9_-]*([.][A-Za-z_][A-Za-z0-9_-]*)*\Z'
);
COMMENT ON DOMAIN ledger.payload_path IS
'A property of the payload of an event by its name; of an object in it by both names and a point, '
'such as totals.gross.';

CREATE DOMAIN ledger.template AS text
CONSTRAINT template_is_short_check CHECK (length(VALUE) <= 2000);
COMMENT ON DOMAIN ledger.template IS
'Text in which {path} stands for a property of the payload of an event. Up to 2000 characters.';

CREATE TYPE ledger.posting_side AS ENUM ('debit', 'credit');
COMMENT ON TYPE ledger.posting_side IS
'The side of an account that a line of a posting rule adds to.';

CREATE TABLE ledger.posting_rules (
    tenant_id integer NOT NULL,
    id uuid NOT NULL DEFAULT core.uuid_v7(),
    business_id integer,
    event_type events.type_code NOT NULL,
    is_active boolean NOT NULL DEFAULT true,
    current_revision integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    last_modified_at timestamptz NOT NULL,
    last_modified_by text NOT NULL,
    CONSTRAINT posting_rules_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT posting_rules_event_type_key
    UNIQUE NULLS NOT DISTINCT (tenant_id, event_type, business_id),
    CONSTRAINT posting_rules_current_revision_check CHECK (current_revision >= 0),
    CONSTRAINT posting_rules_tenant_fkey FOREIGN KEY (tenant_id)
    REFERENCES identity.tenants (id) ON DELETE RESTRICT,
    CONSTRAINT posting_rules_business_fkey FOREIGN KEY (tenant_id, business_id)
    REFERENCES identity.businesses (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT posting_rules_event_type_fkey FOREIGN KEY (event_type)
    REFERENCES events.event_types (code) ON DELETE RESTRICT
);
CREATE INDEX posting_rules_business_idx ON ledger.posting_rules (tenant_id, business_id);
CREATE INDEX posting_rules_type_idx ON ledger.posting_rules (event_type);
COMMENT ON TABLE ledger.posting_rules IS
'Which entry the ledger makes of an event of a type: for all businesses or, before that, for one. '
'What a rule says is in ledger.posting_rule_revisions and ledger.posting_rule_lines.';
COMMENT ON COLUMN ledger.posting_rules.business_id IS
'NULL: every business that has no rule of its own for the type.';
COMMENT ON COLUMN ledger.posting_rules.is_active IS
'False: an event of the type is refused until the rule is active again.';
COMMENT ON COLUMN ledger.posting_rules.current_revision IS
'Number of the revision that is in force; 0: none yet.';

CREATE TABLE ledger.posting_rule_revisions (
    tenant_id integer NOT NULL,
    rule_id uuid NOT NULL,
    revision_no integer NOT NULL,
    business_id integer,
    name core.label NOT NULL,
    description ledger.template NOT NULL,
    reference ledger.template,
    date_path ledger.payload_path NOT NULL,
    currency_path ledger.payload_path,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    last_modified_at timestamptz NOT NULL,
    last_modified_by text NOT NULL,
    CONSTRAINT posting_rule_revisions_pkey PRIMARY KEY (tenant_id, rule_id, revision_no),
    CONSTRAINT posting_rule_revisions_revision_no_check CHECK (revision_no > 0),
    CONSTRAINT posting_rule_revisions_rule_fkey FOREIGN KEY (tenant_id, rule_id)
    REFERENCES ledger.posting_rules (tenant_id, id) ON DELETE RESTRICT
);
COMMENT ON TABLE ledger.posting_rule_revisions IS
'Every version of a posting rule, with who made it and when it came into force (created_at). One '
'that is or was in force never changes or goes.';
COMMENT ON COLUMN ledger.posting_rule_revisions.revision_no IS 'From 1, without gaps.';
COMMENT ON COLUMN ledger.posting_rule_revisions.business_id IS
'That of the rule; set by a trigger.';
COMMENT ON COLUMN ledger.posting_rule_revisions.description IS
'Template of the entry''s description.';
COMMENT ON COLUMN ledger.posting_rule_revisions.reference IS
'Template of the entry''s reference; NULL: none.';
COMMENT ON COLUMN ledger.posting_rule_revisions.date_path IS 'The property that dates the entry.';
COMMENT ON COLUMN ledger.posting_rule_revisions.currency_path IS
'The property that says the currency of the amounts, which must be the functional currency of the '
'business; NULL: the type has none, its amounts are in that currency.';

CREATE TABLE ledger.posting_rule_lines (
    tenant_id integer NOT NULL,
    rule_id uuid NOT NULL,
    revision_no integer NOT NULL,
    line_no core.place NOT NULL,
    business_id integer,
    side ledger.posting_side NOT NULL,
    account_id uuid,
    role core.code,
    amount_path ledger.payload_path NOT NULL,
    condition text,
    description ledger.template,
    counterparty ledger.template,
    department_code ledger.template,
    due_date_path ledger.payload_path,
    CONSTRAINT posting_rule_lines_pkey PRIMARY KEY (tenant_id, rule_id, revision_no, line_no),
    CONSTRAINT posting_rule_lines_account_check CHECK (num_nonnulls(account_id, role) = 1),
    CONSTRAINT posting_rule_lines_condition_check CHECK (length(condition) <= 2000),
    CONSTRAINT posting_rule_lines_revision_fkey FOREIGN KEY (tenant_id, rule_id, revision_no)
    REFERENCES ledger.posting_rule_revisions (tenant_id, rule_id, revision_no)
    ON DELETE RESTRICT,
    CONSTRAINT posting_rule_lines_account_fkey FOREIGN KEY (tenant_id, account_id)
    REFERENCES ledger.accounts (tenant_id, id) ON DELETE RESTRICT
);
CREATE INDEX posting_rule_lines_account_idx ON ledger.posting_rule_lines (tenant_id, account_id)
WHERE account_id IS NOT NULL;
COMMENT ON TABLE ledger.posting_rule_lines IS
'The lines of the entry that a revision of a posting rule makes. No stamps of their own: those of '
'the revision hold.';
COMMENT ON COLUMN ledger.posting_rule_lines.line_no IS 'From 1, in the order of the entry.';
COMMENT ON COLUMN ledger.posting_rule_lines.business_id IS 'That of the rule; set by a trigger.';
COMMENT ON COLUMN ledger.posting_rule_lines.side IS 'debit or credit.';
COMMENT ON COLUMN ledger.posting_rule_lines.role IS
'The part that the account plays (ledger.account_roles), for the business of the event; NULL where '
'account_id says it.';
COMMENT ON COLUMN ledger.posting_rule_lines.amount_path IS
'The property that is the amount, zero or more; a line of 0 is left out.';
COMMENT ON COLUMN ledger.posting_rule_lines.condition IS
'SQL/JSON path predicate over the payload: the line is left out where it is false. NULL: always.';
COMMENT ON COLUMN ledger.posting_rule_lines.description IS 'Template; NULL: none.';
COMMENT ON COLUMN ledger.posting_rule_lines.counterparty IS 'Template; NULL: none.';
COMMENT ON COLUMN ledger.posting_rule_lines.department_code IS 'Template; NULL: none.';
COMMENT ON COLUMN ledger.posting_rule_lines.due_date_path IS
'The property that says when it falls due; NULL: none.';

CREATE TABLE ledger.reference_posting_rules (
    event_type events.type_code NOT NULL,
    rule jsonb NOT NULL,
    CONSTRAINT reference_posting_rules_pkey PRIMARY KEY (event_type),
    CONSTRAINT reference_posting_rules_event_type_fkey FOREIGN KEY (event_type)
    REFERENCES events.event_types (code) ON DELETE RESTRICT,
    CONSTRAINT reference_posting_rules_rule_check CHECK (
        rule @> jsonb_build_object('event_type', event_type) AND NOT rule ? 'business'
    )
);
COMMENT ON TABLE ledger.reference_posting_rules IS
'The posting rules that come with pgerp, by account roles, filled by seeds/reference; '
'ledger.create_reference_rules gives a tenant those it lacks.';
COMMENT ON COLUMN ledger.reference_posting_rules.rule IS 'As ledger.save_posting_rule takes it.';

-- Whose entry is it? Few events a day are asked for, all are found.
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX processed_events_entry_idx
ON events.processed_events (tenant_id, ((result ->> 'entry_id')::uuid))
WHERE handler = 'ledger.post_event';

INSERT INTO identity.permissions (code, module, description, must_be_named) VALUES
(
    'ledger.manage_posting_rules', 'ledger', 'Make, change, stop and resume posting rules.', false
);
