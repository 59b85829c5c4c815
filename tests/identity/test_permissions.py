"""Which function needs which permission: docs/identity.md, the catalog and what happens agree."""

from __future__ import annotations

import re
from pathlib import Path

import psycopg
import pytest

from tests.identity.people import ROLES, act_as, make_people, serve
from tests.identity.routines import statement
from tests.pgtap import as_role, results_eq, set_eq, throws, value

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "identity.md"
ROW = re.compile(
    r"^\| `(\w+\.\w+)` \| `([a-z_.]+)` \| (yes|no) \| (yes|no) \| (yes|no) \|$", re.MULTILINE
)
TABLE = {
    name: (permission, dict(zip(ROLES, (answer == "yes" for answer in answers), strict=True)))
    for name, permission, *answers in ROW.findall(GUIDE.read_text(encoding="utf-8"))
}
LACKS = "ZI011"
# Functions ask for these once more: enter_tenant takes them as given where the token has no list.
NAMED = {
    "audit.legal_holds",
    "identity.sign_in",
    "party.anonymise",
    "party.export_personal_data",
}
every_function = pytest.mark.parametrize("name", TABLE)


def test_every_function_that_writes_for_clients_asks_for_the_permission_of_the_guide(
    db: psycopg.Connection,
) -> None:
    set_eq(
        db,
        r"""SELECT p.pronamespace::regnamespace || '.' || p.proname,
            substring(p.prosrc FROM 'identity\.enter_tenant\(p_tenant_id, ''([a-z_.]+)''\);')
        FROM pg_proc AS p
        WHERE p.prosecdef AND p.provolatile = 'v'
            AND has_function_privilege('pgerp_app', p.oid, 'EXECUTE')""",
        [(name, permission) for name, (permission, _) in TABLE.items()],
    )


def test_every_permission_that_functions_ask_for_exists_and_need_not_be_named_but_some(
    db: psycopg.Connection,
) -> None:
    asked = sorted({permission for permission, _ in TABLE.values()})
    results_eq(
        db,
        """SELECT a.code, p.must_be_named FROM unnest(%s::text[]) AS a (code)
        LEFT JOIN identity.permissions AS p ON p.code = a.code ORDER BY a.code COLLATE "C" """,
        [(code, code in NAMED) for code in asked],
        [asked],
    )


def refusal(db: psycopg.Connection, name: str) -> str | None:
    """Call a function with nothing but NULLs; return its SQLSTATE."""
    arguments = value(
        db,
        """SELECT string_agg('NULL::' || format_type(t.oid, NULL), ', ' ORDER BY t.n)
        FROM pg_proc AS p, unnest(p.proargtypes) WITH ORDINALITY AS t (oid, n)
        WHERE p.oid = to_regproc(%s)""",
        [name],
    )
    try:
        with db.transaction(force_rollback=True), as_role(db, "pgerp_app"):
            db.execute(statement(db, name, arguments).encode())
    except psycopg.Error as error:
        return error.sqlstate
    return None


@every_function
def test_each_standard_role_is_refused_what_the_guide_says_and_nothing_else(
    db: psycopg.Connection, tenant: int, name: str
) -> None:
    make_people(db, tenant)
    _, may = TABLE[name]
    for role in ROLES:
        act_as(db, tenant, role)
        assert (refusal(db, name) != LACKS) is may[role], role


@every_function
def test_a_service_is_limited_by_the_claim_of_its_token_only(
    db: psycopg.Connection, tenant: int, name: str
) -> None:
    permission = TABLE[name][0]
    module = permission.split(".")[0]
    must_be_named = permission in NAMED
    for permissions, may in (
        ([permission], True),
        (["*"], True),
        ([f"{module}.*"], not must_be_named),
        (["x.*", f"{permission}s"], False),
        ([], False),
        (permission, False),
        (None, False),
    ):
        serve(db, tenant, permissions=permissions)
        assert (refusal(db, name) != LACKS) is may, permissions
    serve(db, tenant)
    assert (refusal(db, name) != LACKS) is not must_be_named


def test_staff_post_but_do_not_close_the_period(db: psycopg.Connection, tenant: int) -> None:
    make_people(db, tenant)
    db.execute("SELECT identity.create_business('MAIN', 'Main', 'USD')")
    db.execute("SELECT ledger.create_fiscal_year('MAIN', '2026-01-01')")
    for code, kind in (("1110", "ASSET"), ("4100", "REVENUE")):
        db.execute("SELECT ledger.create_account(%s, %s, %s)", [code, code, kind])
    sale = """SELECT ledger.create_journal_entry('MAIN', '2026-03-04', 'Sale',
        '[{"account": "1110", "debit": "5"}, {"account": "4100", "credit": "5"}]')"""
    close = "SELECT ledger.close_period('MAIN', '2026-03')"
    act_as(db, tenant, "staff")
    with as_role(db, "pgerp_app"):
        db.execute(sale)
        results_eq(db, "SELECT created_by FROM ledger.journal_entries", [("staff",)])
        throws(db, LACKS, close)
        act_as(db, tenant, "owner")
        assert value(db, close) == 0


@pytest.mark.parametrize(
    ("permissions", "code", "may"),
    [
        ("absent", "ledger.post", True),
        ("absent", "ledger.post_soft_closed", False),
        ("absent", "ledger.post_as.anything", False),
        ("absent", "ledger.unheard_of", False),
        ("absent", None, False),
        (["ledger.*"], "ledger.post", True),
        (["ledger.*"], "ledger.post_as.water", False),
        (["ledger.*"], "identity.manage_users", False),
        (["ledger.post_as.anything"], "ledger.post_as.anything", True),
        (["ledger.post_as.anything"], "ledger.post", False),
        (["*"], "ledger.post_as.anything", True),
        (["*"], None, False),
        ("*", "ledger.post", False),
        ({"ledger.post": True}, "ledger.post", False),
        (None, "ledger.post", False),
    ],
)
def test_what_a_service_s_token_permits(
    db: psycopg.Connection, tenant: int, permissions: object, code: str | None, may: bool
) -> None:
    serve(db, tenant, **({} if permissions == "absent" else {"permissions": permissions}))
    with as_role(db, "pgerp_app"):
        assert value(db, "SELECT identity.has_permission(%s)", [code]) is may


def test_without_a_token_nothing_is_permitted(db: psycopg.Connection, tenant: int) -> None:
    assert value(db, "SELECT identity.has_permission('ledger.post')") is False
