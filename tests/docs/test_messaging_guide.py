"""What the guide to messages shows is run."""

from __future__ import annotations

import json
import re

import psycopg

from pgerp.messaging.worker import LEASE_S
from tests.docs.test_documents import ROOT, blocks
from tests.messaging.queue import save
from tests.party.customers import PHONE, create
from tests.pgtap import as_role, results_eq, value

GUIDE = "docs/messaging.md"


def test_the_sql_of_the_guide_to_messages_runs(db: psycopg.Connection) -> None:
    tenant_id = value(db, "SELECT identity.create_tenant('Guide')")
    db.execute("SELECT set_config('pgerp.token', identity.issue_token(%s), true)", [tenant_id])
    db.execute("SELECT identity.create_business('SACCO', 'Sacco', 'KES')")
    save(db, language="sw")
    mary = create(db, given_name="Mary", **PHONE)
    values = json.dumps({"name": "Mary", "amount": "KES 1,200", "day": "1 December"})
    message = json.dumps([{"customer_id": str(mary), "template": "loan_reminder"}])
    message = message.replace('"}]', f'", "values": {values}, "dedup_key": "k"}}]')
    script = "".join(blocks(GUIDE, "sql")).replace(":'mary'", f"'{mary}'")
    script = re.sub(r" +--.*", "", script).replace(
        ", …}', 'en'", ', "amount": "1", "day": "1"}\', \'en\''
    )
    script = script.replace('", 2);', '", 1);').replace("}', 2);", "}', 1);")
    script = re.sub(r"'\[\{.*\]'", lambda _: f"'{message}'", script)
    with as_role(db, "pgerp_app"):
        for statement in script.split(";\n"):
            if statement.strip():
                assert db.execute(statement).fetchall()  # type: ignore[call-overload]
    results_eq(
        db,
        "SELECT language, status::text FROM messaging.sms_histories ORDER BY id",
        [("en", "queued"), ("en", "queued")],
    )


def test_the_statuses_and_the_lease_of_the_guide_are_those_of_the_code(
    db: psycopg.Connection,
) -> None:
    text = (ROOT / GUIDE).read_text()
    told = re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)
    results_eq(
        db,
        "SELECT s::text FROM unnest(enum_range(NULL::messaging.message_status)) AS s",
        [(status,) for status in told],
    )
    assert LEASE_S == 120
    assert "lease of two\nminutes" in text
