"""Users, their roles and businesses: what their tokens may, and when those end."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from tests.identity.people import act_as, hold, now, serve
from tests.identity.tokens import claims, sign
from tests.ledger.books import offenders
from tests.pgtap import as_role, lives, results_eq, set_eq, throws, value

ENDED, LACKS, NO_USER, NO_ROLE = "ZI009", "ZI011", "ZI012", "ZI014"
TENANT = "SELECT identity.current_tenant()"
BUSINESSES = "SELECT identity.current_businesses()"
MAY = "SELECT identity.has_permission(%s)"


def test_a_new_user_may_nothing_and_sees_no_business(db: psycopg.Connection, people: int) -> None:
    act_as(db, people, "ann")
    assert value(db, MAY, ["ledger.post"]) is False
    assert value(db, BUSINESSES) == []
    with as_role(db, "pgerp_app"):
        assert value(db, "SELECT count(*) FROM identity.businesses") == 0
        throws(db, LACKS, "SELECT identity.create_business('C', 'C', 'USD')")


def test_a_user_may_what_all_its_roles_give_and_no_more(
    db: psycopg.Connection, people: int
) -> None:
    db.execute("SELECT identity.create_role('sealer', 'Sealer', '{ledger.seal}')")
    for role in ("sealer", "staff"):
        db.execute("SELECT identity.grant_role('ann', %s)", [role])
    expected = [
        "ledger.match",
        "ledger.post",
        "ledger.seal",
        "messaging.send",
        "party.manage_customers",
    ]
    results_eq(db, "SELECT identity.permissions_of_user('ann')", [(code,) for code in expected])
    act_as(db, people, "ann")
    set_eq(
        db,
        "SELECT code::text FROM identity.permissions WHERE identity.has_permission(code)",
        [(code,) for code in expected],
    )
    serve(db, people)
    db.execute("SELECT identity.revoke_permission('sealer', 'ledger.seal')")
    db.execute("SELECT identity.revoke_role('ann', 'staff')")
    act_as(db, people, "ann")
    assert value(db, MAY, ["ledger.seal"]) is False
    assert value(db, MAY, ["ledger.post"]) is False
    assert offenders(db) == {}


@pytest.mark.parametrize(
    ("listed", "may"),
    [
        (["ledger.post"], ["ledger.post"]),
        (["ledger.*"], ["ledger.match", "ledger.post"]),
        (["*"], ["ledger.match", "ledger.post", "messaging.send", "party.manage_customers"]),
        (["identity.*", "ledger.seal"], []),
        ([], []),
        ("ledger.post", []),
        (None, []),
    ],
    ids=str,
)
def test_a_token_of_a_user_may_only_what_both_token_and_user_may(
    db: psycopg.Connection, people: int, listed: Any, may: list[str]
) -> None:
    act_as(db, people, "staff", permissions=listed)
    set_eq(
        db,
        "SELECT code::text FROM identity.permissions WHERE identity.has_permission(code)",
        [(code,) for code in may],
    )


@pytest.mark.parametrize(
    ("claimed", "granted", "seen"),
    [
        ("*", ["A"], [1]),
        ([1, 2], ["A"], [1]),
        ([2], ["A"], []),
        ([2], ["A", "B"], [2]),
        ("*", ["*"], None),
        ([2], ["*"], [2]),
        ([], ["*"], []),
    ],
    ids=str,
)
def test_a_token_of_a_user_covers_the_businesses_that_both_token_and_user_have(
    db: psycopg.Connection, people: int, claimed: Any, granted: list[str], seen: Any
) -> None:
    for code in granted:
        db.execute("SELECT identity.grant_business('ann', %s)", [code])
    act_as(db, people, "ann", business=claimed)
    assert value(db, BUSINESSES) == seen
    with as_role(db, "pgerp_app"):
        rows = db.execute("SELECT id FROM identity.businesses ORDER BY id").fetchall()
        assert [id_ for (id_,) in rows] == ([1, 2] if seen is None else seen)


def test_functions_refuse_a_user_a_business_that_only_the_token_has(
    db: psycopg.Connection, people: int
) -> None:
    db.execute("SELECT identity.grant_role('ann', 'accountant')")
    db.execute("SELECT identity.grant_business('ann', 'A')")
    for listed in ("*", [1, 2]):
        act_as(db, people, "ann", business=listed)
        with as_role(db, "pgerp_app"):
            throws(db, "ZI006", "SELECT ledger.create_fiscal_year('B', '2026-01-01')")
            throws(db, "ZI006", "SELECT ledger.close_period('B', '2026-01')")
    db.execute("SELECT ledger.create_fiscal_year('A', '2026-01-01')")


def test_a_business_that_is_taken_from_a_user_is_gone_at_once(
    db: psycopg.Connection, people: int
) -> None:
    for code in ("A", "*"):
        db.execute("SELECT identity.grant_business('ann', %s)", [code])
        db.execute("SELECT identity.grant_business('ann', %s)", [code])
        db.execute("SELECT identity.revoke_business('ann', %s)", [code])
    act_as(db, people, "ann")
    assert value(db, BUSINESSES) == []
    assert offenders(db) == {}


def test_a_deactivated_user_is_refused_by_functions_policies_and_permissions(
    db: psycopg.Connection, people: int
) -> None:
    act_as(db, people, "owner")
    with as_role(db, "pgerp_app"):
        assert value(db, "SELECT count(*) FROM identity.businesses") == 2
    serve(db, people)
    db.execute("SELECT identity.deactivate_user('owner')")
    act_as(db, people, "owner", iat=now(db) + 50)
    with as_role(db, "pgerp_app"):
        throws(db, ENDED, "SELECT count(*) FROM identity.businesses")
        throws(db, ENDED, "SELECT identity.create_business('C', 'C', 'USD')")
        throws(db, ENDED, TENANT)
        throws(db, ENDED, MAY, ["ledger.post"])
    assert offenders(db) == {}


def test_a_user_who_comes_back_needs_a_token_issued_since(
    db: psycopg.Connection, people: int
) -> None:
    db.execute("SELECT identity.deactivate_user('owner')")
    db.execute("SELECT identity.reactivate_user('owner')")
    act_as(db, people, "owner", iat=now(db) - 1)
    throws(db, ENDED, TENANT)
    hold(db, sign(claims(people, sub="owner")))
    throws(db, ENDED, TENANT)
    act_as(db, people, "owner")
    assert value(db, TENANT) == people
    assert offenders(db) == {}


def test_tokens_of_a_user_that_never_was_ended_need_no_time_of_issue(
    db: psycopg.Connection, people: int
) -> None:
    hold(db, sign(claims(people, sub="owner")))
    assert value(db, TENANT) == people


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM identity.users WHERE subject = 'staff'",
        "UPDATE identity.users SET subject = 'other' WHERE subject = 'staff'",
    ],
)
def test_tokens_of_a_user_that_is_gone_are_not_taken_for_a_service_s(
    db: psycopg.Connection, people: int, statement: str
) -> None:
    db.execute(statement)  # type: ignore[call-overload]
    act_as(db, people, "staff")
    throws(db, ENDED, TENANT)
    serve(db, people)
    db.execute("SELECT identity.create_user('staff', 'Another')")
    act_as(db, people, "staff", iat=now(db) - 1)
    throws(db, ENDED, TENANT)
    act_as(db, people, "staff")
    assert value(db, BUSINESSES) == []
    assert offenders(db) == {}


def test_a_subject_is_a_user_in_its_tenant_only(db: psycopg.Connection, people: int) -> None:
    other = value(db, "SELECT identity.create_tenant('Other')")
    act_as(db, other, "ann")
    assert value(db, MAY, ["ledger.post"]) is True
    assert value(db, BUSINESSES) is None


@pytest.mark.parametrize(
    "call",
    [
        "deactivate_user('x')",
        "reactivate_user('x')",
        "set_password_hash('x', 'y')",
        "grant_role('x', 'staff')",
        "revoke_role('x', 'staff')",
        "grant_business('x', 'A')",
        "revoke_business('x', '*')",
    ],
)
def test_a_user_that_does_not_exist_is_named_so(
    db: psycopg.Connection, people: int, call: str
) -> None:
    throws(db, NO_USER, f"SELECT identity.{call}")


@pytest.mark.parametrize(
    "call",
    [
        "grant_role('ann', 'x')",
        "revoke_role('ann', 'x')",
        "grant_permission('x', 'ledger.post')",
        "revoke_permission('x', 'ledger.post')",
    ],
)
def test_a_role_that_does_not_exist_is_named_so(
    db: psycopg.Connection, people: int, call: str
) -> None:
    throws(db, NO_ROLE, f"SELECT identity.{call}")


@pytest.mark.parametrize(
    ("call", "sqlstate"),
    [
        ("create_user('ann', 'Ann')", "23505"),
        ("create_user(' ann', 'Ann')", "23514"),
        ("create_user('eve', 'Eve', 'no address')", "23514"),
        ("create_user('eve', 'Eve', 'a@b@c')", "23514"),
        ("create_user('eve', ' ')", "23514"),
        ("create_user(NULL, 'Eve')", "23502"),
        ("create_role('staff', 'Staff')", "23505"),
        ("create_role('r', 'R', '{ledger.fly}')", "23503"),
        ("grant_permission('staff', 'ledger.fly')", "23503"),
        ("grant_business('ann', 'Z')", "ZI005"),
    ],
)
def test_what_is_malformed_taken_or_unknown_is_refused(
    db: psycopg.Connection, people: int, call: str, sqlstate: str
) -> None:
    throws(db, sqlstate, f"SELECT identity.{call}", deferred=True)


def test_the_standard_roles_are_made_once_and_completed(
    db: psycopg.Connection, people: int
) -> None:
    count = "SELECT count(*) FROM identity.role_permissions"
    before = value(db, count)
    lives(db, "SELECT identity.create_standard_roles()")
    assert value(db, count) == before
    db.execute("DELETE FROM identity.role_permissions")
    lives(db, "SELECT identity.create_standard_roles()")
    assert value(db, count) == before
    assert offenders(db) == {}
    act_as(db, people, "accountant")
    for code, may in (
        ("payroll.read", True),
        ("ledger.close_periods", True),
        ("ledger.reopen_periods", False),
        ("identity.manage_users", False),
    ):
        assert value(db, MAY, [code]) is may


def test_no_standard_role_signs_in_or_posts_as_a_module(
    db: psycopg.Connection, people: int
) -> None:
    set_eq(
        db,
        """SELECT DISTINCT p.permission::text FROM identity.role_permissions AS p
        JOIN identity.permissions AS c ON c.code = p.permission WHERE c.must_be_named""",
        [("ledger.post_soft_closed",), ("party.anonymise",), ("party.export_personal_data",)],
    )
