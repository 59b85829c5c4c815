"""Names and keys: rules about constraints and indexes."""

from __future__ import annotations

from .rule import Offence, Rule

RULES = (
    Rule(
        "every constraint's name ends in its kind",
        """SELECT name FROM constraints
        WHERE conname !~ CASE contype
            WHEN 'p' THEN '_pkey$' WHEN 'u' THEN '_key$' WHEN 'f' THEN '_fkey$'
            WHEN 'c' THEN '_check$' WHEN 'x' THEN '_excl$'
        END""",
        (
            Offence(
                "ALTER TABLE identity.users ADD CONSTRAINT users_name UNIQUE (tenant_id, name)",
                "identity.users.users_name",
            ),
            Offence(
                "ALTER DOMAIN core.label ADD CONSTRAINT label_short CHECK (length(VALUE) < 999)",
                "core.label.label_short",
            ),
            Offence(
                "ALTER TABLE identity.users ADD CONSTRAINT users_fk FOREIGN KEY (tenant_id)"
                " REFERENCES identity.tenants",
                "identity.users.users_fk",
            ),
            Offence(
                "ALTER TABLE identity.users ADD CONSTRAINT users_name_chk CHECK (name <> 'x')",
                "identity.users.users_name_chk",
            ),
            Offence(
                "CREATE TABLE core.bare (id integer CONSTRAINT bare_pk PRIMARY KEY)",
                "core.bare.bare_pk",
            ),
            Offence(
                "CREATE TABLE core.bare (r int4range, CONSTRAINT bare_r EXCLUDE USING gist"
                " (r WITH &&))",
                "core.bare.bare_r",
            ),
        ),
    ),
    Rule(
        # Indexes of constraints have the constraint's name, those on partitions one that
        # PostgreSQL chose.
        "every index's name ends in _idx",
        """SELECT i.indexrelid::regclass
        FROM tables AS t
        INNER JOIN pg_index AS i ON i.indrelid = t.oid
        INNER JOIN pg_class AS c ON c.oid = i.indexrelid
        WHERE NOT c.relispartition AND c.relname !~ '_idx$'
            AND NOT EXISTS (SELECT FROM pg_constraint AS k WHERE k.conindid = i.indexrelid
                AND k.conrelid = i.indrelid)""",
        (
            Offence("CREATE INDEX users_name ON identity.users (name)", "identity.users_name"),
            Offence(
                "CREATE UNIQUE INDEX users_name_key ON identity.users (tenant_id, name)",
                "identity.users_name_key",
            ),
        ),
    ),
    Rule(
        "every index is valid",
        """SELECT i.indexrelid::regclass
        FROM tables AS t INNER JOIN pg_index AS i ON i.indrelid = t.oid
        WHERE NOT i.indisvalid OR NOT i.indisready""",
        (
            Offence(
                "CREATE INDEX journal_lines_no_idx ON ONLY ledger.journal_lines (line_no)",
                "ledger.journal_lines_no_idx",
            ),
        ),
    ),
    Rule(
        "every foreign key has an index that leads with its columns",
        """SELECT k.name FROM constraints AS k
        WHERE k.contype = 'f' AND NOT EXISTS (
            SELECT FROM pg_index AS i
            WHERE i.indrelid = k.conrelid AND i.indisvalid AND i.indislive
                AND k.conkey @> (i.indkey::int2[])[0:cardinality(k.conkey) - 1]
                AND k.conkey <@ (i.indkey::int2[])[0:cardinality(k.conkey) - 1]
                AND (i.indpred IS NULL OR EXISTS (
                    SELECT FROM pg_attribute AS a
                    WHERE a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey)
                        AND pg_get_expr(i.indpred, i.indrelid)
                        = format('(%I IS NOT NULL)', a.attname)
                ))
        )""",
        (
            Offence("DROP INDEX ledger.accounts_type_idx", "ledger.accounts.accounts_type_fkey"),
            Offence(
                "DROP INDEX ledger.accounts_parent_idx; CREATE INDEX accounts_parent_idx"
                " ON ledger.accounts (tenant_id, name, parent_id, type_code)",
                "ledger.accounts.accounts_parent_fkey",
            ),
            Offence(
                "DROP INDEX ledger.accounts_currency_idx; CREATE INDEX accounts_currency_idx"
                " ON ledger.accounts (currency_code) WHERE is_active",
                "ledger.accounts.accounts_currency_fkey",
            ),
            Offence(
                "DROP INDEX ledger.journal_lines_account_idx",
                "ledger.journal_lines.journal_lines_account_fkey",
            ),
        ),
    ),
    Rule(
        "every foreign key says what happens on delete",
        "SELECT name FROM constraints WHERE contype = 'f' AND confdeltype = 'a'",
        (
            Offence(
                "ALTER TABLE identity.users ADD CONSTRAINT users_again_fkey"
                " FOREIGN KEY (tenant_id) REFERENCES identity.tenants",
                "identity.users.users_again_fkey",
            ),
        ),
    ),
    Rule(
        "every constraint is validated",
        "SELECT name FROM constraints WHERE NOT convalidated",
        (
            Offence(
                "ALTER TABLE identity.users ADD CONSTRAINT users_name_check"
                " CHECK (name <> 'x') NOT VALID",
                "identity.users.users_name_check",
            ),
        ),
    ),
    Rule(
        "every table has a primary key",
        """SELECT t.name FROM tables AS t WHERE NOT EXISTS (
            SELECT FROM pg_constraint AS k WHERE k.conrelid = t.oid AND k.contype = 'p'
        )""",
        (Offence("CREATE TABLE core.bare (id integer)", "core.bare"),),
    ),
)
