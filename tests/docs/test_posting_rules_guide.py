"""The SQL of the guide to posting rules runs, and does what the guide says."""

from __future__ import annotations

import json

import psycopg

from tests.docs.test_documents import ROOT, blocks
from tests.ledger.books import Books
from tests.ledger.posting import AMOUNT, DATE, add_type, emit
from tests.pgtap import value

PAYLOAD = {
    "on": "2026-11-27",
    "ticket": "T-17",
    "gross": 580,
    "net": 500,
    "vat": 80,
    "is_mpesa": True,
}


def test_the_sql_of_the_guide_to_posting_rules_runs(db: psycopg.Connection) -> None:
    tenant_id = value(db, "SELECT identity.create_tenant('Guide')")
    token = value(db, "SELECT identity.issue_token(%s)", [tenant_id])
    db.execute("SELECT set_config('pgerp.token', %s, true)", [token])
    db.execute("SELECT ledger.create_account('2110', 'VAT', 'LIABILITY')")
    properties = {
        "on": DATE,
        "ticket": {"type": "string"},
        **dict.fromkeys(("gross", "net", "vat"), AMOUNT),
        "is_mpesa": {"type": "boolean"},
    }
    add_type(db, "carwash.sold", properties, list(PAYLOAD), {"gross": ["net", "vat"]})
    business, change, audit = blocks("docs/posting-rules.md", "sql")
    db.execute(business)  # type: ignore[call-overload]
    wash = value(db, "SELECT id FROM identity.businesses WHERE tenant_id = %s", [tenant_id])
    emit(db, Books(tenant_id, token, wash), PAYLOAD, event_type="carwash.sold")
    assert value(db, "SELECT ledger.account_balance('CW', '1140')::text") == "580.0000"
    read = change.strip().split("\n", 2)
    assert db.execute(read[2]).rowcount == 3  # type: ignore[call-overload]
    for statement in read[:2]:
        db.execute(statement)  # type: ignore[call-overload]
    assert db.execute(audit).fetchone()[3:5] == ("Wash sold", 1)  # type: ignore[call-overload,index]


def test_the_payload_of_the_guide_is_the_one_that_is_tried() -> None:
    text = " ".join((ROOT / "docs" / "posting-rules.md").read_text().split())
    assert json.dumps(PAYLOAD) in text
