-- Who lends and to whom together: branches, groups of borrowers; from when the books take entries.
-- depends: 20261128_0201_lending_products 20261128_0220_messaging_queue

INSERT INTO identity.permissions (code, module, description, must_be_named) VALUES
('lending.configure', 'lending', 'Branches, provision rates, from when books are open.', false),
('lending.originate', 'lending', 'Groups, applications for loans, collateral, guarantors.', false),
('lending.approve', 'lending', 'Approve and reject applications for loans.', false),
('lending.disburse', 'lending', 'Pay loans out.', false),
('lending.record_payments', 'lending', 'Payments of loans, recoveries and refunds.', false),
('lending.correct', 'lending', 'Reverse payments, charge fees, waive, write off.', false),
('lending.reschedule', 'lending', 'Change the terms of loans that are paid out.', false),
('lending.run_jobs', 'lending', 'Run the daily jobs of lending.', false),
('lending.import', 'lending', 'Import a portfolio of loans.', false);

CREATE TABLE lending.settings (
    tenant_id integer NOT NULL,
    business_id integer NOT NULL,
    books_open_from core.finite_date,
    version core.row_version NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    last_modified_at timestamptz NOT NULL,
    last_modified_by text NOT NULL,
    CONSTRAINT settings_pkey PRIMARY KEY (tenant_id, business_id),
    CONSTRAINT settings_business_fkey FOREIGN KEY (tenant_id, business_id)
    REFERENCES identity.businesses (tenant_id, id) ON DELETE RESTRICT
);
COMMENT ON TABLE lending.settings IS 'How a business lends. Without a row: as the defaults say.';
COMMENT ON COLUMN lending.settings.books_open_from IS
'What concerns earlier days is booked on this one, since the books of those are closed; NULL: '
'everything is booked on its own day.';
COMMENT ON COLUMN lending.settings.version IS
'How often the row was written; who updates it gives the one it has read.';

CREATE TABLE lending.branches (
    tenant_id integer NOT NULL,
    id uuid NOT NULL DEFAULT core.uuid_v7(),
    business_id integer NOT NULL,
    code core.code NOT NULL,
    name core.label NOT NULL,
    is_active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    last_modified_at timestamptz NOT NULL,
    last_modified_by text NOT NULL,
    CONSTRAINT branches_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT branches_business_key UNIQUE (tenant_id, business_id, id),
    CONSTRAINT branches_code_key UNIQUE (tenant_id, business_id, code),
    CONSTRAINT branches_business_fkey FOREIGN KEY (tenant_id, business_id)
    REFERENCES identity.businesses (tenant_id, id) ON DELETE RESTRICT
);
COMMENT ON TABLE lending.branches IS 'The places from which a business lends.';
COMMENT ON COLUMN lending.branches.code IS 'What it is called in programs.';
COMMENT ON COLUMN lending.branches.is_active IS 'False: no application is taken there any more.';

CREATE TABLE lending.groups (
    tenant_id integer NOT NULL,
    id uuid NOT NULL DEFAULT core.uuid_v7(),
    business_id integer NOT NULL,
    code core.code NOT NULL,
    name core.label NOT NULL,
    branch_id uuid,
    is_active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    last_modified_at timestamptz NOT NULL,
    last_modified_by text NOT NULL,
    CONSTRAINT groups_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT groups_business_key UNIQUE (tenant_id, business_id, id),
    CONSTRAINT groups_code_key UNIQUE (tenant_id, business_id, code),
    CONSTRAINT groups_business_fkey FOREIGN KEY (tenant_id, business_id)
    REFERENCES identity.businesses (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT groups_branch_fkey FOREIGN KEY (tenant_id, business_id, branch_id)
    REFERENCES lending.branches (tenant_id, business_id, id) ON DELETE RESTRICT
);
CREATE INDEX groups_branch_idx ON lending.groups (tenant_id, business_id, branch_id);
COMMENT ON TABLE lending.groups IS
'Borrowers who borrow together, each a loan of their own: a solidarity group.';
COMMENT ON COLUMN lending.groups.code IS 'What it is called in programs.';
COMMENT ON COLUMN lending.groups.branch_id IS 'Where it belongs; NULL: to no branch.';
COMMENT ON COLUMN lending.groups.is_active IS 'False: no application is taken for it any more.';

CREATE TABLE lending.group_members (
    tenant_id integer NOT NULL,
    group_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    business_id integer NOT NULL,
    joined_on core.finite_date NOT NULL,
    left_on core.finite_date,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    last_modified_at timestamptz NOT NULL,
    last_modified_by text NOT NULL,
    CONSTRAINT group_members_pkey PRIMARY KEY (tenant_id, group_id, customer_id, joined_on),
    CONSTRAINT group_members_left_on_check CHECK (left_on >= joined_on),
    CONSTRAINT group_members_group_fkey FOREIGN KEY (tenant_id, business_id, group_id)
    REFERENCES lending.groups (tenant_id, business_id, id) ON DELETE RESTRICT,
    CONSTRAINT group_members_customer_fkey FOREIGN KEY (tenant_id, customer_id)
    REFERENCES party.customers (tenant_id, id) ON DELETE RESTRICT
);
CREATE INDEX group_members_group_idx ON lending.group_members (tenant_id, business_id, group_id);
CREATE INDEX group_members_customer_idx ON lending.group_members (tenant_id, customer_id);
CREATE UNIQUE INDEX group_members_present_idx
ON lending.group_members (tenant_id, group_id, customer_id) WHERE left_on IS NULL;
COMMENT ON TABLE lending.group_members IS 'Who is and was in a group of borrowers.';
COMMENT ON COLUMN lending.group_members.customer_id IS 'Who.';
COMMENT ON COLUMN lending.group_members.joined_on IS 'The first day.';
COMMENT ON COLUMN lending.group_members.left_on IS 'The last day; NULL: is a member.';
