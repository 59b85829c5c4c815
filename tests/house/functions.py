"""Functions: rules about search paths, overloads, the owner's rights and the API's signatures."""

from __future__ import annotations

import re
from pathlib import Path

from .rule import Offence, Rule

# Inlined where they are used, which a SET clause would prevent; what they refer to is qualified, or
# was bound when they were made.
WITHOUT_SEARCH_PATH = """(
    'identity.current_tenant()', 'core.uuid_v7()', 'core.is_code(text)', 'core.is_blank(text)'
)"""

# Run as their owner without entering a tenant, and why.
TENANTLESS_DEFINERS = """(VALUES
    -- Proves the token, which comes before any tenant: reads the keys, and what its user may.
    ('identity.token_claims()', '{identity.signing_keys, identity.subject_rights}'::text[]),
    -- For workers alone: acts for the tenant whose events arrived, without a token (events.enter).
    (
        'events.work(integer,integer)',
        '{events.pending, events.event_store, events.processed_events}'
    ),
    -- The same, for each tenant in turn.
    ('events.tenants_with_work()', '{events.pending, identity.tenants}'),
    ('messaging.tenants_with_work()', '{messaging.messages, identity.tenants}'),
    -- For workers alone: act for the tenant whose messages are queued.
    ('messaging.claim_messages(integer,text,integer,interval)', '{messaging.messages}'),
    ('messaging.note_sent(integer,uuid,integer,text)', '{messaging.messages}'),
    ('messaging.note_failed(integer,uuid,integer,text,boolean)', '{messaging.messages}'),
    ('messaging.release_message(integer,uuid,integer)', '{messaging.messages}'),
    -- For who watches: counts of all tenants, of each in turn.
    ('messaging.count_queue()', '{messaging.messages, identity.tenants}'),
    ('events.count_backlog()',
        '{events.pending, events.event_store, events.subscriptions, identity.tenants}'),
    -- The same: reads the server's statistics, and no table.
    ('events.sender_lags()', '{}')
) AS x (name, may_read)"""

# Written as `p_tenant_id` is given, volatile, and writes nothing.
WRITES_NOTHING = """(
    'core.uuid_v7()', 'core.encrypt_value(text,text,bytea)', 'ledger.resulting_balances(uuid)'
)"""


def _function(name: str, body: str, options: str = "", arguments: str = "") -> str:
    return (
        f"CREATE FUNCTION {name}({arguments}) RETURNS integer LANGUAGE plpgsql"
        f" {options} SET search_path = pg_catalog, pg_temp AS $$ {body} $$;"
    )


def _trigger_function(name: str, body: str) -> str:
    return _function(name, body, "SECURITY DEFINER").replace("RETURNS integer", "RETURNS trigger")


ENTERING = "p_tenant_id := identity.enter_tenant(p_tenant_id);"

RULES = (
    Rule(
        # With an empty one types of any name in the caller's temporary schema come first.
        "every function has its search_path pinned, with pg_temp last",
        f"""SELECT name FROM functions
        WHERE 'search_path=pg_catalog, pg_temp' <> ALL (coalesce(proconfig, '{{}}'))
            AND NOT (name IN {WITHOUT_SEARCH_PATH} AND NOT prosecdef AND prolang = (
                SELECT l.oid FROM pg_language AS l WHERE l.lanname = 'sql'
            ))""",
        (
            Offence("ALTER FUNCTION core.stamp_row() RESET search_path", "core.stamp_row()"),
            *(
                Offence(
                    f"ALTER FUNCTION core.stamp_row() SET search_path = {path}", "core.stamp_row()"
                )
                for path in ("''", "pg_catalog", "core, public", "pg_catalog, public, pg_temp")
            ),
            Offence(
                "ALTER FUNCTION identity.current_tenant() SECURITY DEFINER",
                "identity.current_tenant()",
            ),
        ),
    ),
    Rule(
        # A session with standard_conforming_strings off reads them otherwise.
        "no function has a backslash in a plain string",
        r"""SELECT name FROM functions
        WHERE regexp_replace(prosrc, '\mE''[^'']*''', '', 'g') ~ '\\'""",
        (Offence(_function("core.bad", r"BEGIN RETURN length('\d'); END"), "core.bad()"),),
    ),
    Rule(
        "no two functions share a name",
        """SELECT f.pronamespace::regnamespace || '.' || f.proname
        FROM functions AS f GROUP BY f.pronamespace, f.proname HAVING count(*) > 1""",
        (
            Offence(
                _function("core.next_number", "BEGIN RETURN 1; END", arguments="p_a text"),
                "core.next_number",
            ),
        ),
    ),
    Rule(
        # Nothing is read before: the declarations hold no query and call only what reads no table.
        "what runs as its owner enters a tenant before it touches a table",
        rf"""SELECT f.name
        FROM functions AS f
        CROSS JOIN LATERAL (SELECT split_part(f.prosrc, 'BEGIN', 1) AS declared) AS d
        CROSS JOIN LATERAL (
            SELECT substr(f.prosrc, length(d.declared) + 6) AS body
        ) AS b
        WHERE f.prosecdef
            AND f.name NOT IN (SELECT x.name FROM {TENANTLESS_DEFINERS})
            AND NOT (
                d.declared !~* '\m(select|from|with|table|values|execute)\M'
                AND NOT EXISTS (
                    SELECT FROM regexp_matches(d.declared, '([\w.]+)\s*\(', 'g') AS m (part)
                    WHERE m.part[1] NOT IN ('core.uuid_v7', 'numeric', 'current_setting')
                )
                AND b.body ~ (
                    '^\s+(--[^\n]*\n\s*)*'
                    || CASE WHEN f.prorettype = 'trigger'::regtype
                        THEN 'PERFORM set_config'
                            '\(''pgerp\.tenant_id'', (NEW|OLD)\.tenant_id::text, true\);'
                        ELSE 'p_tenant_id := identity\.enter_tenant'
                            '\(p_tenant_id(, ''[a-z_.]+'')?\);'
                    END
                )
            )""",
        (
            Offence(_function("core.bad", "BEGIN RETURN 1; END", "SECURITY DEFINER"), "core.bad()"),
            Offence(
                _function(
                    "core.bad",
                    f"BEGIN PERFORM 1 FROM identity.users; {ENTERING} RETURN 1; END",
                    "SECURITY DEFINER",
                    "p_tenant_id integer",
                ),
                "core.bad(integer)",
            ),
            Offence(
                _function(
                    "core.bad",
                    "DECLARE v_n integer := (SELECT count(*) FROM identity.users);"
                    f" BEGIN {ENTERING} RETURN 1; END",
                    "SECURITY DEFINER",
                    "p_tenant_id integer",
                ),
                "core.bad(integer)",
            ),
            Offence(
                _function(
                    "core.bad",
                    "DECLARE v_n bigint := core.next_number('x', 0, p_tenant_id);"
                    f" BEGIN {ENTERING} RETURN 1; END",
                    "SECURITY DEFINER",
                    "p_tenant_id integer",
                ),
                "core.bad(integer)",
            ),
            Offence(
                _function(
                    "core.bad",
                    f"BEGIN IF p_tenant_id > 0 THEN {ENTERING} END IF; RETURN 1; END",
                    "SECURITY DEFINER",
                    "p_tenant_id integer",
                ),
                "core.bad(integer)",
            ),
            Offence(
                "CREATE FUNCTION core.bad(p_tenant_id integer) RETURNS bigint LANGUAGE sql"
                " SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS"
                " 'SELECT count(*) FROM identity.users'",
                "core.bad(integer)",
            ),
            Offence(
                _trigger_function(
                    "core.bad", "BEGIN PERFORM 1 FROM identity.users; RETURN NULL; END"
                ),
                "core.bad()",
            ),
            Offence("ALTER FUNCTION core.stamp_row() SECURITY DEFINER", "core.stamp_row()"),
        ),
    ),
    Rule(
        "what runs as its owner without a tenant names no table but those it is listed with",
        rf"""SELECT f.name
        FROM functions AS f
        INNER JOIN {TENANTLESS_DEFINERS} ON x.name = f.name
        INNER JOIN tables AS t ON t.name <> ALL (x.may_read)
        WHERE f.prosrc ~ ('\m' || t.name || '\M') OR f.prosrc ~* '\mEXECUTE\M'""",
        (
            Offence(
                "CREATE OR REPLACE FUNCTION identity.token_claims()"
                " RETURNS jsonb LANGUAGE sql SECURITY DEFINER"
                " SET search_path = pg_catalog, pg_temp AS"
                " 'SELECT to_jsonb(id) FROM identity.tenants'",
                "identity.token_claims()",
            ),
        ),
    ),
    Rule(
        # So that the token is verified once, and Citus has its distribution argument.
        "every function of the API that writes ends with the tenant of the token",
        f"""SELECT name FROM functions
        WHERE has_function_privilege('pgerp_app', oid, 'EXECUTE')
            AND provolatile = 'v' AND name NOT IN {WRITES_NOTHING}
            AND (
                pronargs = 0
                OR proargnames[pronargs] IS DISTINCT FROM 'p_tenant_id'
                OR proargtypes[pronargs - 1] <> 'integer'::regtype
                OR pg_get_expr(proargdefaults, 0) !~ '(^|, )identity\\.current_tenant\\(\\)$'
                    AND prosrc !~ 'p_tenant_id := identity\\.enter_tenant\\(p_tenant_id[,)]'
                OR NOT prosecdef
            )""",
        (
            Offence(
                _function("core.bad", "BEGIN RETURN 1; END")
                + "GRANT EXECUTE ON FUNCTION core.bad TO pgerp_app",
                "core.bad()",
            ),
            Offence(
                _function(
                    "core.bad", "BEGIN RETURN 1; END", arguments="p_tenant_id integer, p_a text"
                )
                + "GRANT EXECUTE ON FUNCTION core.bad TO pgerp_app",
                "core.bad(integer,text)",
            ),
            Offence(
                _function("core.bad", "BEGIN RETURN 1; END", arguments="p_tenant_id integer")
                + "GRANT EXECUTE ON FUNCTION core.bad TO pgerp_app",
                "core.bad(integer)",
            ),
            Offence(
                "ALTER FUNCTION identity.create_business SECURITY INVOKER",
                "identity.create_business(text,text,text,integer)",
            ),
        ),
    ),
)


def registered(path: Path) -> list[str]:
    """Return the codes that the tables of ERRORS.md list."""
    return re.findall(r"^\| (Z[A-Z]\d{3}) \|", path.read_text(encoding="utf-8"), re.MULTILINE)


def error_rule(path: Path) -> Rule:
    """Return the rule that functions and the registry of errors name the same codes."""
    codes = "{" + ",".join(registered(path)) + "}"
    return Rule(
        "functions raise exactly the error codes of the registry",
        rf"""SELECT coalesce(r.code, l.code)
        FROM (
            SELECT DISTINCT m.part[1] AS code
            FROM functions AS f
            CROSS JOIN LATERAL regexp_matches(f.prosrc, '''(Z[A-Z][0-9A-Z]{{3}})''', 'g')
                AS m (part)
        ) AS r
        FULL JOIN unnest('{codes}'::text[]) AS l (code) ON l.code = r.code
        WHERE r.code IS NULL OR l.code IS NULL""",
        (
            Offence(
                _function("core.bad", "BEGIN RAISE EXCEPTION 'x' USING ERRCODE = 'ZL999'; END"),
                "ZL999",
            ),
            Offence(
                "CREATE OR REPLACE FUNCTION ledger.lock_fiscal_calendar(p_tenant_id integer,"
                " p_business_id integer) RETURNS void LANGUAGE sql AS '';"
                "CREATE OR REPLACE FUNCTION ledger.readable_business(p_business_code text)"
                " RETURNS integer LANGUAGE sql AS 'SELECT 1';"
                "DROP FUNCTION finance.account_totals",
                "ZL020",
            ),
        ),
    )
