"""Businesses: rules about which business a row of a tenant is of, and who sees it."""

from __future__ import annotations

from .rule import Offence, Rule

# Tables of a tenant whose rows are of no business, and why.
WHOLE_TENANT = """(VALUES
    -- Is what has businesses; its policy goes by id.
    ('identity.businesses'),
    -- People and programs may work for several businesses.
    ('identity.users'),
    ('identity.credentials'),
    -- What a role may is the same in every business; identity.user_businesses says in which.
    ('identity.roles'),
    ('identity.role_permissions'),
    ('identity.user_roles'),
    -- Businesses of one owner convert at the same rates.
    ('ledger.exchange_rates'),
    -- A year is archived of all businesses at once.
    ('ledger.retention_rules'),
    -- Keys are unique within the tenant; no client reads them.
    ('ledger.idempotency_keys'),
    ('lending.idempotency_keys'),
    -- One chain for all: positions and hashes; contents are in ledger.sealed_entries.
    ('ledger.seals'),
    -- Versions of aggregates, which no client reads.
    ('events.stream_heads'),
    -- A customer is known to all businesses of its tenant; what one of them has with it is in the
    -- tables of that domain.
    ('party.customers'),
    ('party.customer_terms'),
    ('party.customer_contacts'),
    ('party.customer_addresses'),
    ('party.identity_documents'),
    ('party.consents'),
    ('party.privacy_acts'),
    -- Businesses of one owner write to their customers in the same words.
    ('messaging.templates'),
    -- Years of the log are kept or removed of all businesses at once.
    ('audit.legal_holds'),
    ('audit.removals'),
    -- One chain for all; hashes and salts, which no client reads.
    ('audit.seals'),
    ('audit.sealed_changes')
) AS w (name)"""

# What may say NULL, for all businesses: of the log, the rows about tables of the whole tenant;
# of events, those that concern all.
SHARED = (
    "'^(ledger[.](accounts|account_roles|posting_rules|posting_rule_revisions|posting_rule_lines)"
    "|lending[.](products|product_fees)"
    "|audit[.](redactions|log(_default|_[0-9]{4})?)"
    "|events[.](pending|processed_events|event_store(_default|_[0-9]{4})?))$'"
)

# A key of three would cost each line of the hot path; a trigger proves at commit, and the posting
# functions before they return, that a line has its entry's business. A reversal has that of its
# transaction by a trigger, which saves an index of every transaction.
PROVED_OTHERWISE = """(
    'lending.reversals.reversals_transaction_fkey',
    'ledger.journal_lines.journal_lines_entry_fkey',
    'ledger_archive.journal_lines.journal_lines_entry_fkey'
)"""

BUSINESS = """SELECT t.oid, t.name, a.attnum, a.attnotnull
    FROM tables AS t
    INNER JOIN pg_attribute AS a ON a.attrelid = t.oid AND NOT a.attisdropped
    WHERE t.tenant_attnum IS NOT NULL AND a.attname = CASE t.name
        WHEN 'identity.businesses' THEN 'id' ELSE 'business_id' END"""

BAD = "CREATE TABLE core.bad (tenant_id integer NOT NULL, entry_id uuid)"

RULES = (
    Rule(
        "every row of a tenant says which business it is of, or is listed as the whole tenant's",
        f"""SELECT t.name FROM tables AS t
        WHERE t.tenant_attnum IS NOT NULL
            AND t.name NOT IN (SELECT w.name FROM {WHOLE_TENANT})
            AND NOT EXISTS (SELECT FROM ({BUSINESS}) AS b WHERE b.oid = t.oid AND (
                b.attnotnull OR t.name ~ {SHARED}
            ))""",
        (
            Offence(BAD, "core.bad"),
            Offence(
                "ALTER TABLE ledger.budget_lines RENAME COLUMN business_id TO business",
                "ledger.budget_lines",
            ),
            Offence(
                "ALTER TABLE ledger.reversals ALTER COLUMN business_id DROP NOT NULL",
                "ledger.reversals",
            ),
        ),
    ),
    Rule(
        "what is listed as the whole tenant's is there, and says of no row which business it is of",
        f"""SELECT w.name FROM {WHOLE_TENANT}
        WHERE NOT EXISTS (SELECT FROM tables AS t WHERE t.name = w.name)
            OR EXISTS (
                SELECT FROM ({BUSINESS}) AS b
                WHERE b.name = w.name AND w.name <> 'identity.businesses'
            )""",
        (
            Offence("ALTER TABLE identity.users ADD COLUMN business_id integer", "identity.users"),
            Offence("ALTER TABLE ledger.seals RENAME TO stamps", "ledger.seals"),
        ),
    ),
    Rule(
        "a row of a business refers to rows of the same business only",
        f"""SELECT k.name
        FROM constraints AS k
        INNER JOIN ({BUSINESS}) AS t ON t.oid = k.conrelid
        INNER JOIN ({BUSINESS}) AS r ON r.oid = k.confrelid
        WHERE k.contype = 'f' AND r.attnotnull AND t.name <> 'identity.businesses'
            AND k.name NOT IN {PROVED_OTHERWISE}
            AND NOT EXISTS (
                SELECT FROM unnest(k.conkey, k.confkey) AS c (ours, theirs)
                WHERE c.ours = t.attnum AND c.theirs = r.attnum
            )""",
        (
            Offence(
                "ALTER TABLE ledger.held_amounts ADD CONSTRAINT bad_fkey"
                " FOREIGN KEY (tenant_id, entry_id) REFERENCES ledger.holds (tenant_id, entry_id)",
                "ledger.held_amounts.bad_fkey",
            ),
            Offence(
                "ALTER TABLE ledger.budget_lines ADD COLUMN other integer, ADD CONSTRAINT bad_fkey"
                " FOREIGN KEY (tenant_id, budget_id, other)"
                " REFERENCES ledger.budgets (tenant_id, id, business_id)",
                "ledger.budget_lines.bad_fkey",
            ),
        ),
    ),
    Rule(
        "clients see rows of the token's businesses only, in partitions too",
        f"""SELECT b.name
        FROM ({BUSINESS}) AS b
        INNER JOIN pg_attribute AS a ON a.attrelid = b.oid AND a.attnum = b.attnum
        LEFT JOIN pg_policy AS p ON p.polrelid = b.oid AND p.polname = 'client_isolation'
        WHERE replace(
            coalesce(pg_get_expr(p.polqual, p.polrelid), ''), ' AS current_businesses', ''
        ) NOT LIKE ALL (ARRAY[
            '% AND ((' || a.attname || ' IS NULL) OR (( SELECT identity.current_businesses())'
                || ' IS NULL) OR (' || a.attname || ' = ANY (( SELECT'
                || ' identity.current_businesses())::integer[]))))',
            '% AND ((' || a.attname || ' IS NULL) OR (identity.current_businesses()'
                || ' IS NULL) OR (' || a.attname || ' = ANY (identity.current_businesses()))))'
        ])""",
        (
            Offence(
                "ALTER POLICY client_isolation ON ledger.budget_lines"
                " USING (tenant_id = (SELECT identity.current_tenant()))",
                "ledger.budget_lines",
            ),
            Offence(
                "ALTER POLICY client_isolation ON ledger.journal_lines_2027"
                " USING (tenant_id = (SELECT identity.current_tenant()))",
                "ledger.journal_lines_2027",
            ),
            Offence(
                "ALTER POLICY client_isolation ON identity.businesses"
                " USING (tenant_id = (SELECT identity.current_tenant())"
                " AND (id IS NULL OR (SELECT identity.current_businesses()) IS NOT NULL))",
                "identity.businesses",
            ),
        ),
    ),
)
