"""What the guide to customers shows is run."""

from __future__ import annotations

import re

import psycopg

from tests.docs.test_documents import blocks
from tests.party.customers import PHONE
from tests.pgtap import as_role, results_eq, value

GONE = ["party.customer_addresses", "party.customer_contacts", "party.identity_documents"]


def test_the_sql_of_the_guide_to_customers_runs(db: psycopg.Connection) -> None:
    tenant_id = value(db, "SELECT identity.create_tenant('Guide')")
    db.execute(
        "SELECT set_config('pgerp.token', identity.issue_token(%s, p_permissions => '{*}'), true)",
        [tenant_id],
    )
    making, consenting, asking, registering = blocks("docs/party.md", "sql")
    script = making + consenting + asking
    for shown, real in (
        ("k1:gAAAAAB…", PHONE["phone_encrypted"]),
        ("k1:5f2b…", PHONE["phone_hash"]),
    ):
        script = script.replace(shown, real)
    first, rest = script.split(" AS mary\n\\gset\n")
    answers = []
    with as_role(db, "pgerp_app"):
        mary = value(db, first)
        for statement in re.sub(" +--.*", "", rest.replace(":'mary'", f"'{mary}'")).split(";\n"):
            if statement.strip():
                answers.append(value(db, statement))
    assert [one for one in answers if isinstance(one, bool)] == [False, True]
    (exported,) = [one for one in answers if isinstance(one, dict)]
    assert set(GONE) <= exported["tables"].keys()
    results_eq(db, "SELECT display_name FROM party.customers", [("Anonymised",)])
    db.execute(registering)  # type: ignore[call-overload]
    assert (
        value(db, "SELECT count(*) FROM party.personal_data_columns WHERE table_name ~ 'contracts'")
        == 3
    )


def test_the_calls_of_the_guide_to_customers_exist(db: psycopg.Connection) -> None:
    text = "".join(blocks("docs/party.md", "sql"))
    (table,) = re.findall(r"^## Find\n(.*?)^## ", _guide(), re.MULTILINE | re.DOTALL)
    named = set(re.findall(r"`?(party\.\w+)\(", text + table))
    assert len(named) == 13
    for name in named:
        assert value(db, "SELECT to_regproc(%s) IS NOT NULL", [name]), name


def _guide() -> str:
    from tests.docs.test_documents import ROOT

    return (ROOT / "docs/party.md").read_text()
