"""What the sheet may say at all: rules by which it is judged, whoever wrote it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pgerp.services.routes import IDENTITY_TABLES
from tests.house.scope import WHOLE_TENANT
from tests.identity.matrix.comparing import Sheet
from tests.identity.matrix.sheet import (
    ALL_ROLES,
    CLIENTS,
    DENIED,
    HELD,
    KINDS,
    OF_MONITORING,
    READERS,
    SERVICES,
    UNGRANTED,
    Line,
)
from tests.identity.replays import REPLAY

GUIDE = Path(__file__).resolve().parents[3] / "docs" / "identity.md"

# Tables that are of no tenant, and who may read them.
REFERENCE = {
    "events.event_types",
    "events.settings",
    "events.subscriptions",
    "identity.permissions",
    "ledger.account_types",
    "ledger.currencies",
    "ledger.reference_posting_rules",
    "party.document_types",
    "party.personal_data_columns",
    "party.personal_data_tables",
    "payroll.summary_refreshes",
    "payroll.tax_rates",
}
OF_THE_RUNNER = {"pgerp.history", "pgerp.migrations", "pgerp.projects", "pgerp.repeatables"}
# What those views call.
BELOW_MONITORING = {"events.count_backlog", "events.sender_lags", "messaging.count_queue"}
OF_YOYO = {"public._yoyo_log", "public._yoyo_migration", "public._yoyo_version"}
# Kept from all clients, and without a tenant: keys are the server's, rights are found by a digest.
BEHIND_THE_API = {"identity.signing_keys", "identity.subject_rights"}

# What subscriptions bring from other databases.
BROUGHT = {
    "events.event_store",
    "events.event_store_<year>",
    "events.event_store_default",
    *(f"identity.{name}" for name in IDENTITY_TABLES),
}

TENANT = ("ours", "ours", "theirs", "none", "ZI003")
BUSINESS = ("ours", "main", "theirs", "none", "ZI003")
EVERYBODY = ("all",) * 5

VIEWS_OF_THE_TENANT = {
    "lending.customers",
    "lending.sms_templates",
    "lending.users",
    "messaging.sms_templates",
    "party.current_consents",
    "party.customer_details",
}

# A legal hold is in force, which another function is asked to lift; accounts have no roles.
HELD_UP = {"party.anonymise": {"ZA008"}, "ledger.create_reference_rules": {"ZL024"}}

# Parts of a replay, which the caller reaches by asking for a balance, are asked about nothing.
OF_NOTHING = {name: {"22004", "done", "-"} for name in REPLAY}

# Functions that answer without a token, to whoever may call what writes too.
NEED_NO_TOKEN = {
    "core.aes_cbc",
    "core.decrypt_value",
    "core.encrypt_value",
    "core.fernet_token",
    "core.hmac_pad",
    "core.hmac_sha256",
    "core.keyed_hash_of",
    "core.require_key",
    "core.uuid_v7",
    "ledger.resulting_balances",
}


def relations(sheet: Sheet) -> list[Line]:
    return [line for line in sheet.values() if line.kind not in ("function", "sequence")]


def may(line: Line, role: str) -> str:
    """Return the letters of what a role may do, or has a grant for."""
    return "".join(
        letter for letter in KINDS[line.kind] if set(line.cells[role][letter]) != {DENIED}
    )


def test_only_the_owner_and_who_may_become_it_write_directly(sheet: Sheet) -> None:
    assert {
        (line.name, role)
        for line in sheet.values()
        for role in CLIENTS
        if set(may(line, role)) - set("SX")
    } == {(name, "subscriber") for name in BROUGHT}


def test_who_may_become_the_owner_may_what_the_owner_may(sheet: Sheet) -> None:
    assert [
        line.name for line in sheet.values() if line.cells["migrator"] != line.cells["owner"]
    ] == []


def test_a_service_may_nothing_that_an_application_may_not(sheet: Sheet) -> None:
    more = {
        (line.name, role)
        for line in sheet.values()
        for role in SERVICES
        if may(line, role) and line.cells[role] != line.cells["app"]
    }
    assert more == set()
    application = [
        line.cells["service_application"] == line.cells["app"] for line in sheet.values()
    ]
    assert all(application)


def test_public_may_nothing(sheet: Sheet) -> None:
    assert [line.name for line in sheet.values() if may(line, "public")] == []


def test_who_watches_reads_what_is_of_no_tenant_and_nothing_else(sheet: Sheet) -> None:
    assert {line.name for line in sheet.values() if may(line, "monitor")} == {
        *OF_THE_RUNNER,
        *OF_MONITORING,
        *BELOW_MONITORING,
    }


def test_what_is_for_who_watches_is_for_no_other_client(sheet: Sheet) -> None:
    assert {
        (line.name, role)
        for line in sheet.values()
        if line.name in OF_MONITORING | BELOW_MONITORING
        for role in CLIENTS
        if may(line, role)
    } == {(name, "monitor") for name in OF_MONITORING | BELOW_MONITORING}


def test_who_reads_may_call_less_than_applications_but_what_is_for_auditors(sheet: Sheet) -> None:
    for role in ("readonly", "auditor"):
        more = {
            line.name
            for line in sheet.values()
            if line.kind == "function" and may(line, role) and not may(line, "app")
        }
        assert {name for name in more if not name.startswith("audit.")} == set(), role


@pytest.mark.parametrize("kind", ["partition", "materialized view", "sequence"])
def test_what_has_no_policies_of_its_own_door_is_not_for_clients(sheet: Sheet, kind: str) -> None:
    assert {
        (line.name, role)
        for line in sheet.values()
        if line.kind == kind
        for role in CLIENTS
        if may(line, role) and role != "backup"
        if not (role == "subscriber" and line.name in BROUGHT and may(line, role) == "I")
    } == set()


def test_who_dumps_reads_every_row_of_every_table(sheet: Sheet) -> None:
    for line in relations(sheet):
        if line.name not in OF_MONITORING:
            assert line.cells["backup"]["S"] == EVERYBODY, line.name


def test_whoever_reads_sees_what_the_token_covers(sheet: Sheet) -> None:
    of_tenants = {}
    for line in relations(sheet):
        readers = [role for role in READERS if may(line, role)]
        assert {line.cells[role]["S"] for role in readers} <= {line.columns}, line.name
        if readers and line.name not in REFERENCE | OF_THE_RUNNER | OF_MONITORING:
            assert line.columns in (TENANT, BUSINESS), line.name
            of_tenants[line.name] = line.columns == TENANT
    # What is not of one business is what the house lists, and the tenant itself.
    assert {
        name
        for name, is_whole in of_tenants.items()
        if is_whole and f"('{name}')" not in WHOLE_TENANT
    } == {"identity.tenants", *VIEWS_OF_THE_TENANT}
    assert of_tenants["ledger.journal_lines"] is False


def test_what_has_no_tenant_is_read_by_all_or_by_nobody(sheet: Sheet) -> None:
    everything = {
        line.name for line in relations(sheet) if line.kind == "table" and line.columns == EVERYBODY
    }
    assert everything == REFERENCE | OF_THE_RUNNER


def test_the_owner_without_a_tenant_sees_and_writes_no_row_of_one(sheet: Sheet) -> None:
    none, stopped = ("none",) * 5, ("stopped",) * 5
    reached = {
        line.name
        for line in relations(sheet)
        if line.kind in ("table", "partition")
        and line.cells["owner"] != {"S": none, **dict.fromkeys("IUDT", stopped)}
    }
    assert reached == {
        "identity.tenants",
        *BEHIND_THE_API,
        *REFERENCE,
        *OF_THE_RUNNER,
        *OF_YOYO,
    }


def test_nothing_is_truncated_but_what_the_runner_keeps(sheet: Sheet) -> None:
    emptied = {line.name for line in sheet.values() if "done" in line.cells["owner"].get("T", ())}
    assert emptied == (OF_THE_RUNNER - {"pgerp.history"}) | OF_YOYO


def test_functions_work_for_whoever_may_call_them(sheet: Sheet) -> None:
    for line in sheet.values():
        if line.kind == "function" and any(may(line, role) for role in CLIENTS):
            expected = (HELD_UP | OF_NOTHING).get(line.name, {"tells", "done", "-"})
            assert line.columns[0] in expected, line.name


def test_functions_tell_nothing_of_another_business_or_tenant_or_without_a_token(
    sheet: Sheet,
) -> None:
    telling = {
        line.name
        for line in sheet.values()
        if line.kind == "function" and "tells" in line.columns[1:]
    }
    assert telling == set()


def test_an_old_token_is_refused_by_all_that_know_a_row(sheet: Sheet) -> None:
    for line in sheet.values():
        if line.kind == "function" and set(line.columns) not in ({"-"}, {"done"}):
            if line.name in OF_NOTHING and set(line.columns) == {"22004"}:
                continue
            assert line.columns[4] == "ZI003", line.name


def test_what_only_applications_may_call_needs_a_token(sheet: Sheet) -> None:
    assert {
        line.name
        for line in sheet.values()
        if line.kind == "function"
        and may(line, "app")
        and not may(line, "readonly")
        and line.columns[2:] != ("ZI004", "ZI001", "ZI003")
    } == NEED_NO_TOKEN


def test_nothing_is_granted_in_part_or_in_vain_or_not_understood(sheet: Sheet) -> None:
    odd = {HELD, UNGRANTED, "other", "42501"}
    assert [
        (line.name, role)
        for line in sheet.values()
        for role in ALL_ROLES
        for five in line.cells[role].values()
        if (odd - {"other"} if line.name in OF_MONITORING else odd) & set(five)
    ] == []


def test_the_guide_shows_lines_of_the_sheet(sheet: Sheet) -> None:
    rows = re.findall(r"^    (ledger\.\w+ .*)$", GUIDE.read_text(encoding="utf-8"), re.MULTILINE)
    words = [line.words() for line in sheet.values()]
    assert rows and [row for row in rows if row.split() not in words] == []
