"""Logins of services: each may what the application may, in its own modules and in no other."""

from __future__ import annotations

import re
from collections import defaultdict

import psycopg
import pytest

from tests.conftest import ROOT
from tests.identity.conftest import World, hold
from tests.ledger.books import as_json
from tests.pgtap import as_role, results_eq, throws, value

SHARED = {"core", "identity", "audit", "events", "ops", "party", "messaging"}
OWN = {
    "employee": {"hr"},
    "payroll": {"payroll"},
    "accounting": {"ledger", "ledger_archive"},
    "billing": {"billing"},
    "procurement": {"procurement"},
    "inventory": {"inventory"},
    "supply_chain": {"supply_chain"},
    "finance": {"finance"},
    "lending": {"lending"},
}
BUDGETS = {"create_budget", "revise_budget", "close_budget", "reopen_budget", "set_budget_policy"}
every_service = pytest.mark.parametrize("service", OWN)

# Each with a call of it that proves nothing but that it may be called.
FUNCTIONS = """
SELECT n.nspname::text, p.proname::text, p.provolatile = 'v',
    CASE p.prokind WHEN 'p' THEN 'CALL ' ELSE 'SELECT FROM ' END
        || format('%s(%s)', p.oid::regproc, (
        SELECT string_agg('NULL::' || t.id::regtype, ', ' ORDER BY t.n)
        FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY AS t (id, n)
    )),
    has_function_privilege('pgerp_app', p.oid, 'EXECUTE')
FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
WHERE n.nspowner = to_regrole('pgerp_owner') AND n.nspname NOT IN ('pgerp', 'public')
    AND p.prokind IN ('f', 'p')
    AND p.prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype)
"""
RELATIONS = """
SELECT n.nspname::text, c.oid::regclass::text, has_table_privilege('pgerp_app', c.oid, 'SELECT')
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspowner = to_regrole('pgerp_owner') AND n.nspname NOT IN ('pgerp', 'public')
    AND c.relkind IN ('r', 'p', 'v', 'm', 'S')
"""
TYPES = """
SELECT n.nspname::text, t.oid::regtype::text, has_type_privilege('pgerp_app', t.oid, 'USAGE'),
    has_type_privilege(%s, t.oid, 'USAGE')
FROM pg_type AS t JOIN pg_namespace AS n ON n.oid = t.typnamespace
WHERE n.nspowner = to_regrole('pgerp_owner') AND n.nspname NOT IN ('pgerp', 'public')
    AND t.typtype IN ('d', 'e')
"""


def readable(service: str) -> set[str]:
    """Return the schemas that a service reads."""
    books = {"ledger", "ledger_archive"} if service == "finance" else set()
    return SHARED | OWN[service] | books


def refused(db: psycopg.Connection, role: str, statement: str) -> bool:
    """Whether the role lacks a privilege; other errors are not of interest."""
    with db.transaction(force_rollback=True), as_role(db, role):
        try:
            with db.transaction():
                db.execute(statement)  # type: ignore[call-overload]
        except psycopg.errors.InsufficientPrivilege:
            return True
        except psycopg.Error:
            return False
    return False


def test_each_service_has_a_login_without_a_password_that_is_nothing_else(
    db: psycopg.Connection,
) -> None:
    results_eq(
        db,
        "SELECT DISTINCT service FROM core.services() WHERE service IS NOT NULL ORDER BY 1",
        [(name,) for name in sorted(OWN)],
    )
    results_eq(
        db,
        """SELECT a.rolname::text, a.rolcanlogin, a.rolpassword IS NULL,
            a.rolsuper OR a.rolcreatedb OR a.rolcreaterole OR a.rolreplication OR a.rolbypassrls,
            ARRAY(
                SELECT m.roleid::regrole::text FROM pg_auth_members AS m WHERE m.member = a.oid
            )
        FROM pg_authid AS a WHERE a.rolname ~ '^pgerp_service' ORDER BY 1""",
        [
            ("pgerp_service", False, True, False, []),
            *sorted(
                (f"pgerp_service_{name}", True, True, False, [group])
                for name, group in [
                    *((name, "pgerp_service") for name in OWN),
                    ("application", "pgerp_app"),
                ]
            ),
        ],
    )


@every_service
def test_it_calls_the_functions_of_its_modules_and_no_others(
    db: psycopg.Connection, service: str
) -> None:
    role = f"pgerp_service_{service}"
    seen: dict[bool, int] = defaultdict(int)
    for schema, name, writes, call, application in db.execute(FUNCTIONS).fetchall():
        may = application and (
            schema in SHARED | OWN[service]
            or (schema in readable(service) and (not writes or name in BUDGETS))
        )
        assert value(
            db,
            "SELECT bool_or(has_function_privilege(%s, oid, 'EXECUTE')) FROM pg_proc"
            " WHERE pronamespace = %s::regnamespace AND proname = %s",
            [role, schema, name],
        ) is bool(may), f"{schema}.{name}"
        if not application:
            continue
        # What it lacks is refused before anything is looked at; without a token the rest ends in
        # an error of its own, or in nothing.
        hold(db, "")
        assert refused(db, role, call) is not may, call
        seen[may] += 1
    assert seen[True] > 20
    assert seen[False] >= 2


@every_service
def test_it_reads_the_tables_of_its_modules_and_no_others(
    db: psycopg.Connection, service: str
) -> None:
    role = f"pgerp_service_{service}"
    hold(db, "")
    for schema, name, application in db.execute(RELATIONS).fetchall():
        may = application and schema in readable(service)
        assert refused(db, role, f"SELECT FROM {name}") is not may, name
        for privilege in ("INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"):
            if schema == "core" or name.endswith("_seq"):
                continue
            assert not value(db, "SELECT has_table_privilege(%s, %s, %s)", [role, name, privilege])
    for schema, name, application, own in db.execute(TYPES, [role]).fetchall():
        assert own is bool(application and schema in readable(service)), name


def test_the_application_may_what_pgerp_app_may(db: psycopg.Connection) -> None:
    results_eq(
        db,
        """SELECT p.oid::regprocedure::text FROM pg_proc AS p
        WHERE has_function_privilege('pgerp_app', p.oid, 'EXECUTE')
            <> has_function_privilege('pgerp_service_application', p.oid, 'EXECUTE')""",
        [],
    )
    assert value(db, "SELECT count(*) FROM ledger.currencies") > 100
    assert not refused(db, "pgerp_service_application", "SELECT FROM ledger.journal_lines")


def test_accounting_posts_what_payroll_may_not_even_see(
    admin: psycopg.Connection, world: World
) -> None:
    post = (
        "SELECT ledger.create_journal_entry('MAIN', '2026-03-04', 'x',"
        f" '{as_json(('1110', '5'), ('4100', '-5'))}')"
    )
    hold(admin, world.token())
    with as_role(admin, "pgerp_service_accounting"):
        before = value(admin, "SELECT ledger.account_balance('MAIN', '1110')")
        admin.execute(post)
        assert value(admin, "SELECT ledger.account_balance('MAIN', '1110')") == before + 5
        throws(admin, "42501", "SELECT FROM finance.budgets")
    with as_role(admin, "pgerp_service_payroll"):
        throws(admin, "42501", post)
        throws(admin, "42501", "SELECT FROM ledger.accounts")
        throws(admin, "42501", "SELECT ledger.account_balance('MAIN', '1110')")
        results_eq(admin, "SELECT id FROM identity.tenants", [(world.ours,)])


def test_finance_reads_the_books_and_keeps_budgets_but_posts_nothing(
    admin: psycopg.Connection, world: World
) -> None:
    hold(admin, world.token())
    with as_role(admin, "pgerp_service_finance"):
        assert value(admin, "SELECT count(*) FROM finance.budgets") > 0
        assert value(admin, "SELECT count(*) FROM finance.accounting_data_cache") > 0
        assert value(admin, "SELECT count(*) FROM ledger.trial_balance('MAIN')") > 0
        admin.execute("SELECT finance.store_report('MAIN', 'trial_balance')")
        admin.execute("SELECT ledger.set_budget_policy('MAIN', 'ignore')")
        throws(
            admin,
            "42501",
            "SELECT ledger.create_journal_entry('MAIN', '2026-03-04', 'x', '[]')",
        )
        throws(admin, "42501", "SELECT ledger.close_period('MAIN', '2026-03')")


@every_service
def test_row_security_holds_for_it(admin: psycopg.Connection, world: World, service: str) -> None:
    hold(admin, world.token(business=[1]))
    with as_role(admin, f"pgerp_service_{service}"):
        results_eq(admin, "SELECT tenant_id, id FROM identity.businesses", [(world.ours, 1)])
        hold(admin, "")
        results_eq(admin, "SELECT id FROM identity.businesses", [])
        throws(admin, "ZI001", "SELECT identity.create_business('X', 'X', 'USD')")


def test_a_login_of_the_operator_s_is_held_like_the_service_that_it_is_a_member_of(
    admin: psycopg.Connection, world: World
) -> None:
    admin.execute("CREATE ROLE books_of_2027 LOGIN IN ROLE pgerp_service_accounting")
    hold(admin, world.token())
    with as_role(admin, "books_of_2027"):
        results_eq(admin, "SELECT DISTINCT tenant_id FROM ledger.accounts", [(world.ours,)])
        throws(admin, "42501", "SELECT FROM finance.budgets")


def apply_grants(db: psycopg.Connection) -> None:
    """Apply the files of grants as the runner does."""
    with as_role(db, "pgerp_owner"):
        for path in sorted((ROOT / "sql/grants").rglob("*.sql")):
            db.execute(path.read_text())  # type: ignore[call-overload]


def test_a_module_that_comes_is_its_service_s_and_the_application_s_alone(
    db: psycopg.Connection,
) -> None:
    db.execute("CREATE SCHEMA procurement AUTHORIZATION pgerp_owner")
    with as_role(db, "pgerp_owner"):
        db.execute(
            "CREATE TABLE procurement.runs (id integer);"
            "CREATE TYPE procurement.state AS ENUM ('new');"
            "CREATE VIEW procurement.last_run AS SELECT 1;"
            "CREATE FUNCTION procurement.pay() RETURNS integer LANGUAGE sql AS 'SELECT 1'"
        )
    db.execute("SELECT core.reset_privileges('procurement')")
    db.execute("GRANT EXECUTE ON FUNCTION procurement.pay() TO pgerp_app")
    db.execute("SELECT core.grant_services('procurement')")
    for role in ("pgerp_service_procurement", "pgerp_service_application", "pgerp_service_billing"):
        stays_out = role == "pgerp_service_billing"
        for statement in (
            "SELECT procurement.pay()",
            "SELECT FROM procurement.runs",
            "SELECT FROM procurement.last_run",
            "SELECT NULL::procurement.state",
        ):
            assert refused(db, role, statement) is stays_out, (role, statement)


@pytest.mark.parametrize(
    ("grant", "attempt"),
    [
        ("DELETE ON identity.users", "DELETE FROM identity.users"),
        ("SELECT (kid) ON identity.signing_keys", "SELECT kid FROM identity.signing_keys"),
        ("USAGE ON SEQUENCE identity.tenants_id_seq", "SELECT nextval('identity.tenants_id_seq')"),
        ("CREATE ON SCHEMA core", "CREATE TABLE core.mine (id integer)"),
        ("EXECUTE ON FUNCTION core.uuid_v7_time", "SELECT core.uuid_v7_time(gen_random_uuid())"),
    ],
)
@pytest.mark.parametrize("role", ["pgerp_service_payroll", "pgerp_service", "pgerp_service_gone"])
def test_a_grant_too_many_is_taken_back_also_from_a_service_that_is_no_more(
    db: psycopg.Connection, grant: str, attempt: str, role: str
) -> None:
    db.execute("CREATE ROLE pgerp_service_gone")
    db.execute(f"GRANT USAGE ON SCHEMA core, identity TO {role}")
    assert refused(db, role, attempt)
    db.execute(f"GRANT {grant} TO {role}")
    assert not refused(db, role, attempt)
    apply_grants(db)
    assert refused(db, role, attempt)
    assert value(db, "SELECT has_schema_privilege(%s, 'core', 'USAGE')", [role]) is (
        role != "pgerp_service_gone"
    )


def test_the_documents_tell_each_service_and_its_modules() -> None:
    text = (ROOT / "docs/identity.md").read_text()
    rows = dict(re.findall(r"^\| `pgerp_service_(\w+)` \| (.*?) \|$", text, re.MULTILINE))
    assert rows.keys() == {*OWN, "application"}
    for service, modules in OWN.items():
        assert set(re.findall(r"`(\w+)`", rows[service])) == {
            *(name for name in modules if not name.endswith("_archive")),
            *({"ledger"} if service == "finance" else ()),
        }
