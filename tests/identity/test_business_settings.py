"""Settings of businesses, one row each, and the tills where they take money."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.identity.people import serve
from tests.ledger.books import offenders
from tests.pgtap import as_role, results_eq, throws, value

SET = "SELECT identity.set_business_settings('WATER', %s)"
TILL = "SELECT identity.create_payment_till(%s, %s, %s, 'Till')"


@pytest.fixture
def businesses(db: psycopg.Connection, tenant: int) -> int:
    """A tenant with the businesses WATER and LAUNDRY."""
    serve(db, tenant)
    for code in ("WATER", "LAUNDRY"):
        db.execute("SELECT identity.create_business(%s, %s, 'KES')", [code, code])
    return tenant


def test_each_business_has_its_settings_from_the_start(
    db: psycopg.Connection, businesses: int
) -> None:
    results_eq(
        db,
        """SELECT business_id, time_zone::text, locale::text, options
        FROM identity.business_settings WHERE tenant_id = %s ORDER BY 1""",
        [(1, "UTC", "en", {}), (2, "UTC", "en", {})],
        [businesses],
    )
    db.execute("DELETE FROM identity.business_settings WHERE tenant_id = %s", [businesses])
    found = offenders(db)["identity/businesses_have_settings"]
    assert {row[1] for row in found} == {"WATER", "LAUNDRY"}


def test_settings_are_changed_one_by_one(db: psycopg.Connection, businesses: int) -> None:
    with as_role(db, "pgerp_app"):
        db.execute(SET, [Jsonb({"time_zone": "Africa/Nairobi", "country_code": "KE"})])
        db.execute(SET, [Jsonb({"legal_name": "Maji Ltd", "options": {"logo": "m.png"}})])
        db.execute(SET, [Jsonb({"country_code": None})])
        results_eq(
            db,
            """SELECT legal_name::text, country_code::text, time_zone::text, options
            FROM identity.business_settings ORDER BY business_id""",
            [("Maji Ltd", None, "Africa/Nairobi", {"logo": "m.png"}), (None, None, "UTC", {})],
        )


@pytest.mark.parametrize(
    ("settings", "sqlstate"),
    [
        ({"colour": "red"}, "22023"),
        ({"created_by": "eve"}, "22023"),
        ({"business_id": 2}, "22023"),
        ({"time_zone": "Mars/Olympus"}, "22023"),
        ([], "22023"),
        ({"country_code": "Kenya"}, "23514"),
        ({"legal_name": " "}, "23514"),
        ({"options": []}, "23514"),
        ({"locale": None}, "23502"),
        ({"time_zone": None}, "23502"),
    ],
)
def test_unknown_and_malformed_settings_are_refused(
    db: psycopg.Connection, businesses: int, settings: Any, sqlstate: str
) -> None:
    throws(db, sqlstate, SET, [Jsonb(settings)])


def test_a_till_belongs_to_one_business_and_its_number_is_taken_once(
    db: psycopg.Connection, businesses: int
) -> None:
    with as_role(db, "pgerp_app"):
        db.execute(TILL, ["WATER", "mpesa_till", "174379"])
        db.execute(TILL, ["WATER", "cash", "174379"])
        throws(db, "23505", TILL, ["LAUNDRY", "mpesa_till", "174379"])
        throws(db, "23514", TILL, ["WATER", "cheque", "1"])
        throws(db, "ZI005", TILL, ["NONE", "cash", "1"])
        serve(db, businesses, business=[2])
        throws(db, "ZI006", TILL, ["WATER", "cash", "1"])
        assert value(db, "SELECT count(*) FROM identity.payment_tills") == 0


def test_a_till_is_closed_by_who_covers_its_business(
    db: psycopg.Connection, businesses: int
) -> None:
    close = "SELECT identity.set_till_active('mpesa_till', '174379', false)"
    db.execute(TILL, ["WATER", "mpesa_till", "174379"])
    serve(db, businesses, business=[2])
    throws(db, "ZI015", close)
    serve(db, businesses, business=[1])
    db.execute(close)
    assert value(
        db, "SELECT is_active FROM identity.payment_tills WHERE tenant_id = %s", [businesses]
    ) is (False)
