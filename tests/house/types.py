"""Types and owners: rules about columns, views and who owns what."""

from __future__ import annotations

from .rule import Offence, Rule

RULES = (
    Rule(
        "no column has a type that the house does without",
        """SELECT c.oid::regclass || '.' || a.attname
        FROM pg_class AS c
        INNER JOIN schemas AS s ON s.oid = c.relnamespace
        INNER JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        INNER JOIN pg_type AS t ON t.oid = a.atttypid
        WHERE c.relkind IN ('r', 'p', 'v', 'm', 'c')
            AND coalesce(nullif(t.typbasetype, 0), nullif(t.typelem, 0), t.oid)::regtype = ANY (
                '{varchar, bpchar, real, double precision, money, json, timestamp, timetz}'
                ::regtype[]
            )""",
        (
            *(
                Offence(
                    f"ALTER TABLE identity.users ADD COLUMN bad {type_name}", "identity.users.bad"
                )
                for type_name in (
                    "varchar(10)",
                    "char(3)",
                    "real",
                    "double precision",
                    "money",
                    "json",
                    "timestamp",
                    "timetz",
                    "timestamp[]",
                )
            ),
            Offence(
                "CREATE DOMAIN core.bad AS varchar(9);"
                " ALTER TABLE identity.users ADD COLUMN bad core.bad",
                "identity.users.bad",
            ),
            Offence("CREATE VIEW core.bad AS SELECT now()::timestamp AS at", "core.bad.at"),
        ),
    ),
    Rule(
        "numbers with decimals are stored through domains",
        """SELECT t.name || '.' || a.attname
        FROM tables AS t INNER JOIN pg_attribute AS a ON a.attrelid = t.oid
        WHERE a.attnum > 0 AND a.atttypid = 'numeric'::regtype""",
        (
            Offence(
                "ALTER TABLE ledger.accounts ADD COLUMN bad numeric(20, 4)", "ledger.accounts.bad"
            ),
        ),
    ),
    Rule(
        "no column is a serial: identity columns say so",
        """SELECT t.name || '.' || a.attname
        FROM tables AS t
        INNER JOIN pg_attribute AS a ON a.attrelid = t.oid
        INNER JOIN pg_attrdef AS d ON d.adrelid = t.oid AND d.adnum = a.attnum
        WHERE pg_get_expr(d.adbin, d.adrelid) ~ 'nextval'""",
        (Offence("CREATE TABLE core.bad (id bigserial)", "core.bad.id"),),
    ),
    Rule(
        "a row version is called version, and core.guard_version keeps it",
        """SELECT t.name || '.' || a.attname
        FROM tables AS t
        INNER JOIN pg_attribute AS a ON a.attrelid = t.oid
            AND a.atttypid = 'core.row_version'::regtype
        WHERE NOT t.relispartition AND (a.attname <> 'version' OR NOT a.attnotnull OR NOT EXISTS (
            SELECT FROM pg_trigger AS g
            -- Each row, before, insert and update; always on; told the table's name.
            WHERE g.tgrelid = t.oid AND g.tgfoid = 'core.guard_version()'::regprocedure
                AND g.tgtype = 1 | 2 | 4 | 16 AND g.tgqual IS NULL AND g.tgattr = ''
                AND g.tgenabled = 'O' AND g.tgargs = convert_to(t.name, 'UTF8') || '\\x00'
        ))""",
        (
            Offence(
                "CREATE TABLE core.bad (version core.row_version NOT NULL)", "core.bad.version"
            ),
            Offence(
                "CREATE TABLE core.bad (version core.row_version NOT NULL); CREATE TRIGGER bad"
                " BEFORE UPDATE ON core.bad FOR EACH ROW"
                " EXECUTE FUNCTION core.guard_version('core.bad')",
                "core.bad.version",
            ),
            Offence(
                "CREATE TABLE core.bad (version core.row_version NOT NULL); CREATE TRIGGER bad"
                " BEFORE INSERT OR UPDATE ON core.bad FOR EACH ROW"
                " EXECUTE FUNCTION core.guard_version('core.good')",
                "core.bad.version",
            ),
            Offence(
                "CREATE TABLE core.bad (revision core.row_version NOT NULL); CREATE TRIGGER bad"
                " BEFORE INSERT OR UPDATE ON core.bad FOR EACH ROW"
                " EXECUTE FUNCTION core.guard_version('core.bad')",
                "core.bad.revision",
            ),
        ),
    ),
    Rule(
        "what is called encrypted is, by its type",
        """SELECT t.name || '.' || a.attname
        FROM tables AS t INNER JOIN pg_attribute AS a ON a.attrelid = t.oid
        WHERE (a.attname ~ '_encrypted$') <> (a.atttypid = 'core.encrypted_value'::regtype)""",
        (
            Offence("CREATE TABLE core.bad (phone_encrypted text)", "core.bad.phone_encrypted"),
            Offence("CREATE TABLE core.bad (phone core.encrypted_value)", "core.bad.phone"),
        ),
    ),
    Rule(
        # Else no other key could make the hash again, and nothing could be found by its name.
        "a keyed hash is called x_hash, and the value x_encrypted is beside it",
        """SELECT t.name || '.' || a.attname
        FROM tables AS t
        INNER JOIN pg_attribute AS a ON a.attrelid = t.oid
            AND a.atttypid = 'core.keyed_hash'::regtype
        WHERE NOT EXISTS (
            SELECT FROM pg_attribute AS e
            WHERE e.attrelid = t.oid AND e.atttypid = 'core.encrypted_value'::regtype
                AND a.attname = regexp_replace(e.attname, '_encrypted$', '_hash')
        )""",
        (
            Offence("CREATE TABLE core.bad (phone_hash core.keyed_hash)", "core.bad.phone_hash"),
            Offence(
                "CREATE TABLE core.bad (phone_encrypted core.encrypted_value,"
                " number_hash core.keyed_hash)",
                "core.bad.number_hash",
            ),
            Offence(
                "CREATE TABLE core.bad (phone_encrypted core.encrypted_value,"
                " phone_digest core.keyed_hash)",
                "core.bad.phone_digest",
            ),
        ),
    ),
    Rule(
        "views see with the rights of who asks",
        """SELECT c.oid::regclass
        FROM pg_class AS c INNER JOIN schemas AS s ON s.oid = c.relnamespace
        WHERE c.relkind = 'v'
            AND 'security_invoker=true' <> ALL (coalesce(c.reloptions, '{}'))""",
        (
            Offence("CREATE VIEW core.bad AS SELECT 1", "core.bad"),
            Offence("CREATE VIEW core.bad WITH (security_invoker = false) AS SELECT 1", "core.bad"),
        ),
    ),
    Rule(
        "pgerp_owner owns every schema, relation, function and type",
        """SELECT o.name FROM (
            SELECT s.nspname::text AS name, s.nspowner AS owner FROM schemas AS s
            UNION ALL
            SELECT c.oid::regclass::text, c.relowner
            FROM pg_class AS c INNER JOIN schemas AS s ON s.oid = c.relnamespace
            UNION ALL
            SELECT f.name, f.proowner FROM functions AS f
            UNION ALL
            SELECT t.oid::regtype::text, t.typowner
            FROM pg_type AS t INNER JOIN schemas AS s ON s.oid = t.typnamespace
        ) AS o
        WHERE o.owner IS DISTINCT FROM to_regrole('pgerp_owner')""",
        (
            Offence("CREATE SCHEMA strange", "strange"),
            Offence("CREATE TABLE core.strange (id integer)", "core.strange"),
            Offence("CREATE SEQUENCE core.strange", "core.strange"),
            Offence(
                "CREATE FUNCTION core.strange() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
                "core.strange()",
            ),
            Offence("CREATE TYPE core.strange AS ENUM ('a')", "core.strange"),
        ),
    ),
)
