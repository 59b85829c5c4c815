"""What Citus refuses or silently changes, as rules of the catalog on plain PostgreSQL.

The observations are of Citus 13 on PostgreSQL 15: they are why the house does without these. That
keys and foreign keys start with the tenant, and that reference tables point to no tenant's, is in
tenancy.py.
"""

from __future__ import annotations

from .rule import Offence, Rule

# Write without a tenant, for operators on the coordinator: tenants and keys are reference tables.
TENANTLESS_WRITERS = """(
    'identity.create_tenant(text)',
    'identity.add_signing_key(text,bytea)',
    -- Enters one tenant after the other, as an operator.
    'payroll.refresh_summary(interval)',
    -- Moves rows of all tenants between partitions, as maintenance of each node.
    'ledger.make_partition_tables(integer,boolean)',
    'core.make_year_partition(regclass,text,integer,boolean)'
)"""

GROUPING = r"(grouping\s+sets|\mcube\s*\(|\mrollup\s*\(|with\s+recursive)"


def _body(text: str, name: str = "core.bad", arguments: str = "") -> str:
    return (
        f"CREATE FUNCTION {name}({arguments}) RETURNS void LANGUAGE plpgsql"
        f" AS $$ BEGIN {text} END $$"
    )


def _names(words: str) -> str:
    """Return the query of functions whose body has the words, outside of comments."""
    return f"""SELECT f.name FROM functions AS f
        WHERE regexp_replace(f.prosrc, '--[^\\n]*', '', 'g') ~* '{words}'"""


RULES = (
    Rule(
        # A SET NULL would have to clear the distribution column too.
        "no foreign key sets its columns to NULL or a default",
        """SELECT name FROM constraints
        WHERE contype = 'f' AND (confdeltype IN ('n', 'd') OR confupdtype IN ('n', 'd'))""",
        (
            Offence(
                "ALTER TABLE ledger.accounts ADD CONSTRAINT bad_fkey FOREIGN KEY (currency_code)"
                " REFERENCES ledger.currencies (code) ON DELETE SET NULL",
                "ledger.accounts.bad_fkey",
            ),
            Offence(
                "ALTER TABLE ledger.accounts ADD CONSTRAINT bad_fkey FOREIGN KEY (currency_code)"
                " REFERENCES ledger.currencies (code) ON UPDATE SET DEFAULT",
                "ledger.accounts.bad_fkey",
            ),
        ),
    ),
    Rule(
        # On a worker the body finds no tuplestore of that name.
        "no trigger has transition tables",
        """SELECT g.tgname || ' on ' || t.name
        FROM tables AS t INNER JOIN pg_trigger AS g ON g.tgrelid = t.oid
        WHERE num_nonnulls(g.tgoldtable, g.tgnewtable) > 0""",
        (
            Offence(
                "CREATE TRIGGER bad AFTER INSERT ON identity.users REFERENCING NEW TABLE AS added"
                " FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_truncate()",
                "bad on identity.users",
            ),
            Offence(
                "CREATE TRIGGER bad AFTER DELETE ON identity.users REFERENCING OLD TABLE AS gone"
                " FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_truncate()",
                "bad on identity.users",
            ),
        ),
    ),
    Rule(
        # It would fire once for every shard, each time for a part of the rows.
        "no trigger of a tenant's table is for each statement, save those that refuse TRUNCATE",
        """SELECT g.tgname || ' on ' || t.name
        FROM tables AS t INNER JOIN pg_trigger AS g ON g.tgrelid = t.oid
        WHERE t.tenant_attnum IS NOT NULL AND NOT g.tgisinternal
            AND g.tgtype & 1 = 0 AND g.tgtype & 32 = 0""",
        (
            Offence(
                "CREATE TRIGGER bad AFTER INSERT ON identity.users"
                " FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_truncate()",
                "bad on identity.users",
            ),
        ),
    ),
    Rule(
        # There it is the shard's: journal_lines_102363.
        "no trigger function asks for the name of its table: that is its argument",
        _names(r"\mtg_(table_name|relname|relid|table_schema)\M")
        + " AND f.prorettype = 'trigger'::regtype",
        (
            Offence(
                "CREATE FUNCTION core.bad() RETURNS trigger LANGUAGE plpgsql"
                " AS $$ BEGIN RAISE '%', TG_TABLE_NAME; END $$",
                "core.bad()",
            ),
        ),
    ),
    Rule(
        # Workers number from 2^48 times their own number.
        "identity columns of tenants' tables are bigint",
        """SELECT t.name || '.' || a.attname
        FROM tables AS t INNER JOIN pg_attribute AS a ON a.attrelid = t.oid
        WHERE t.tenant_attnum IS NOT NULL AND a.attidentity <> ''
            AND a.atttypid <> 'bigint'::regtype""",
        (
            Offence(
                "ALTER TABLE identity.users"
                " ADD COLUMN bad integer NOT NULL GENERATED ALWAYS AS IDENTITY",
                "identity.users.bad",
            ),
        ),
    ),
    Rule(
        # Adding one without a name to a distributed table ends the server. The names that
        # PostgreSQL makes up hold the columns and end in _excl: ours have one word instead.
        "no exclusion constraint has a name that PostgreSQL made up",
        r"""SELECT k.name
        FROM constraints AS k INNER JOIN tables AS t ON t.oid = k.conrelid
        WHERE k.contype = 'x' AND k.conname ~ ('^' || t.relname || '_' || (
            SELECT string_agg(coalesce(a.attname, '\w+'), '_' ORDER BY c.n)
            FROM unnest(k.conkey) WITH ORDINALITY AS c (attnum, n)
            LEFT JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = c.attnum
        ) || '_excl[0-9]*$')""",
        (
            Offence(
                "CREATE TABLE core.bad (tenant_id integer, r int4range,"
                " EXCLUDE USING gist (int4range(tenant_id, tenant_id, '[]') WITH &&, r WITH &&))",
                "core.bad.bad_int4range_r_excl",
            ),
        ),
    ),
    Rule(
        # A statement that is not delegated opens a connection as the owner.
        "the owner of functions that run as their owner may log in",
        """SELECT f.name FROM functions AS f INNER JOIN pg_roles AS r ON r.oid = f.proowner
        WHERE f.prosecdef AND NOT r.rolcanlogin""",
        (Offence("ALTER ROLE pgerp_owner NOLOGIN", "identity.token_claims()"),),
    ),
    Rule(
        # So that a call can be sent to the node that has the tenant.
        "every function that writes takes the tenant as an argument",
        _names(r"\m(insert\s+into|update\s+(only\s+)?[a-z_]+\.|delete\s+from|merge\s+into)")
        + f""" AND f.prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype)
            AND 'p_tenant_id' <> ALL (coalesce(f.proargnames, '{{}}'))
            -- An event has its tenant, and so has a loan.
            AND to_regtype('events.event_store') <> ALL (f.proargtypes::oid[])
            AND to_regtype('lending.loans') <> ALL (f.proargtypes::oid[])
            AND f.name NOT IN {TENANTLESS_WRITERS}""",
        (
            Offence(_body("INSERT INTO identity.users DEFAULT VALUES;"), "core.bad()"),
            Offence(_body("UPDATE identity.users SET name = 'x';"), "core.bad()"),
            Offence(_body("DELETE FROM identity.users;"), "core.bad()"),
        ),
    ),
    Rule(
        "no function sets when constraints are checked, which workers do not hear of",
        _names(r"\mset\s+constraints\M"),
        (Offence(_body("SET CONSTRAINTS ALL IMMEDIATE;"), "core.bad()"),),
    ),
    Rule(
        # Each node has locks of its own.
        "no function takes advisory locks",
        _names("advisory"),
        (Offence(_body("PERFORM pg_advisory_xact_lock(1);"), "core.bad()"),),
    ),
    Rule(
        # Heard on the worker alone.
        "no function notifies",
        # What lands by replication comes from another database, not from a shard. Workers that send
        # messages look by themselves each second: they need not be woken.
        _names(r"\m(pg_)?notify\M")
        + " AND f.name NOT IN ('events.land()', 'messaging.wake_workers(integer)')",
        (
            Offence(_body("PERFORM pg_notify('a', 'b');"), "core.bad()"),
            Offence(_body("NOTIFY a;"), "core.bad()"),
        ),
    ),
    Rule(
        # Neither goes across shards.
        "no view or function groups by sets or recurs",
        f"""SELECT c.oid::regclass::text
        FROM pg_class AS c INNER JOIN schemas AS s ON s.oid = c.relnamespace
        WHERE c.relkind IN ('v', 'm') AND pg_get_viewdef(c.oid) ~* '{GROUPING}'
        UNION ALL
        {_names(GROUPING)}""",
        (
            Offence(
                "CREATE VIEW core.bad AS SELECT count(*) FROM identity.users"
                " GROUP BY ROLLUP (tenant_id)",
                "core.bad",
            ),
            Offence(
                "CREATE VIEW core.bad AS SELECT count(*) FROM identity.users"
                " GROUP BY GROUPING SETS ((tenant_id), ())",
                "core.bad",
            ),
            Offence(
                "CREATE VIEW core.bad AS WITH RECURSIVE r (n) AS"
                " (SELECT 1 UNION SELECT n + 1 FROM r WHERE n < 3) SELECT n FROM r",
                "core.bad",
            ),
            Offence(
                _body("PERFORM count(*) FROM identity.users GROUP BY CUBE (tenant_id);"),
                "core.bad()",
            ),
        ),
    ),
    Rule(
        "no table or view has rules, which shards do not get",
        """SELECT c.oid::regclass
        FROM pg_rewrite AS w
        INNER JOIN pg_class AS c ON c.oid = w.ev_class
        INNER JOIN schemas AS s ON s.oid = c.relnamespace
        WHERE w.rulename <> '_RETURN'""",
        (
            Offence(
                "CREATE RULE bad AS ON DELETE TO identity.users DO INSTEAD NOTHING",
                "identity.users",
            ),
        ),
    ),
)
