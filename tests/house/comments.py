"""Everything says what it is: rules about comments."""

from __future__ import annotations

from .rule import Offence, Rule

# A column of a foreign key is explained by what it points to; these by their name.
SELF_EXPLAINING = """
    id tenant_id business_id code numeric_code name description status is_active starts_on
    created_at created_by last_modified_at last_modified_by applied_at seen_at at project detail
"""


def _no_comment(catalog: str, oid: str = "oid") -> str:
    return (
        "NOT EXISTS (SELECT FROM pg_description AS d"
        f" WHERE d.classoid = '{catalog}'::regclass AND d.objoid = {oid} AND d.objsubid = 0)"
    )


RULES = (
    Rule(
        "every schema has a comment",
        f"SELECT nspname FROM schemas WHERE {_no_comment('pg_namespace')}",
        (Offence("CREATE SCHEMA bare", "bare"),),
    ),
    Rule(
        "every table, partition and view has a comment",
        f"""SELECT c.oid::regclass FROM pg_class AS c INNER JOIN schemas AS s
            ON s.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p', 'v', 'm') AND {_no_comment("pg_class", "c.oid")}""",
        (
            Offence("CREATE TABLE ledger.bare (id integer)", "ledger.bare"),
            Offence("CREATE VIEW ledger.bare AS SELECT 1", "ledger.bare"),
            Offence("CREATE MATERIALIZED VIEW ledger.bare AS SELECT 1", "ledger.bare"),
            Offence(
                "COMMENT ON TABLE ledger.journal_lines_2026 IS NULL", "ledger.journal_lines_2026"
            ),
        ),
    ),
    Rule(
        "every column whose name does not say all has a comment",
        f"""SELECT t.name || '.' || a.attname
        FROM tables AS t INNER JOIN pg_attribute AS a ON a.attrelid = t.oid
        WHERE NOT t.relispartition AND a.attnum > 0 AND NOT a.attisdropped
            AND a.attname <> ALL (regexp_split_to_array(trim('{SELF_EXPLAINING}'), '\\s+'))
            AND NOT EXISTS (
                SELECT FROM constraints AS k
                WHERE k.conrelid = t.oid AND k.contype = 'f' AND a.attnum = ANY (k.conkey)
            )
            AND col_description(t.oid, a.attnum) IS NULL""",
        (
            Offence("ALTER TABLE ledger.accounts ADD COLUMN x integer", "ledger.accounts.x"),
            Offence(
                "COMMENT ON COLUMN ledger.accounts.is_postable IS NULL",
                "ledger.accounts.is_postable",
            ),
        ),
    ),
    Rule(
        "every function has a comment",
        f"SELECT name FROM functions WHERE {_no_comment('pg_proc')}",
        (
            Offence(
                "CREATE FUNCTION ledger.bare() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
                "ledger.bare()",
            ),
        ),
    ),
    Rule(
        "every type and domain has a comment",
        f"""SELECT t.oid::regtype
        FROM pg_type AS t
        INNER JOIN schemas AS s ON s.oid = t.typnamespace
        LEFT JOIN pg_class AS c ON c.oid = t.typrelid
        WHERE (t.typtype IN ('d', 'e', 'r') OR (t.typtype = 'c' AND c.relkind = 'c'))
            AND {_no_comment("pg_type", "t.oid")}""",
        (
            Offence("CREATE DOMAIN core.bare AS text", "core.bare"),
            Offence("CREATE TYPE core.bare AS ENUM ('a')", "core.bare"),
            Offence("CREATE TYPE core.bare AS (a text)", "core.bare"),
        ),
    ),
    Rule(
        # Those that a partition has from its parent have the parent's.
        "every trigger has a comment",
        f"""SELECT g.tgname || ' on ' || t.name
        FROM tables AS t INNER JOIN pg_trigger AS g ON g.tgrelid = t.oid
        WHERE NOT g.tgisinternal AND g.tgparentid = 0 AND {_no_comment("pg_trigger", "g.oid")}""",
        (
            Offence(
                "CREATE TRIGGER bare BEFORE INSERT ON identity.users"
                " FOR EACH ROW EXECUTE FUNCTION core.stamp_row()",
                "bare on identity.users",
            ),
        ),
    ),
    Rule(
        "every policy has a comment",
        f"""SELECT p.polname || ' on ' || t.name
        FROM tables AS t INNER JOIN pg_policy AS p ON p.polrelid = t.oid
        WHERE {_no_comment("pg_policy", "p.oid")}""",
        (Offence("CREATE POLICY bare ON identity.users USING (false)", "bare on identity.users"),),
    ),
)
