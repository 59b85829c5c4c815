"""Every object of the catalog × every role × every privilege, tried in five situations: what comes
of it is what expected.txt says, for own tenant, other business, other tenant, no and old token."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.identity.matrix.comparing import (
    Sheet,
    differences,
    report,
    without_line,
    without_object,
)
from tests.identity.matrix.sheet import (
    ALL_ROLES,
    EXPECTED,
    OF_MONITORING,
    SERVICES,
    SHORT,
    SITUATIONS,
    legend,
    parse,
    render,
)
from tests.identity.matrix.trying import Bench
from tests.identity.two_businesses import MAIN, SIDE

ROLES_FILE = Path(__file__).resolve().parents[3] / "sql" / "roles.sql"


def test_every_role_of_pgerp_has_a_column() -> None:
    text = ROLES_FILE.read_text(encoding="utf-8")
    named = set(re.findall(r"'pgerp_(\w*[a-z])'", text))
    assert named | set(SERVICES) == set(ALL_ROLES) - {"public"}


def test_every_service_is_tried_and_has_a_short_name_of_its_own(bench: Bench) -> None:
    services = "SELECT 'service_' || service FROM core.services() WHERE service IS NOT NULL"
    named = {name for (name,) in bench.admin.execute(services)}
    assert named | {"service", "service_application"} == set(SERVICES)
    assert len(set(SHORT)) == len(SERVICES)


def test_every_object_has_a_line(bench: Bench, sheet: Sheet) -> None:
    assert without_line(sheet, bench.objects) == set()


def test_every_line_is_of_an_object(bench: Bench, sheet: Sheet) -> None:
    assert without_object(sheet, bench.objects) == set()


def test_the_sheet_is_as_the_command_writes_it(sheet: Sheet) -> None:
    text = EXPECTED.read_text(encoding="utf-8")
    assert render(legend(text), sheet.values()) == text
    assert parse(text) == sheet


def test_everything_has_rows_of_both_tenants_and_of_each_of_our_businesses(bench: Bench) -> None:
    """Of what is empty, trying would prove nothing."""
    ours, theirs = bench.side.world.ours, bench.side.world.theirs
    lacking = {}
    for one in bench.objects:
        # Views of monitoring tell of the server, and have no rows of anybody.
        if not one.groups or one.name in OF_MONITORING:
            continue
        wanted = {
            "nobody": {"/"},
            "a tenant": {f"{ours}/", f"{theirs}/"},
            "a business": {f"{tenant}/{id_}" for tenant in (ours, theirs) for id_ in (MAIN, SIDE)},
        }[one.whose]
        if missing := wanted - bench.rows[one.kind, one.name].keys():
            lacking[one.name] = missing
    assert lacking == {}


@pytest.mark.parametrize("situation", SITUATIONS)
@pytest.mark.parametrize("role", ALL_ROLES)
def test_each_role_gets_what_the_sheet_says(
    bench: Bench, sheet: Sheet, role: str, situation: str
) -> None:
    found = differences(sheet, bench.objects, bench.outcomes(role, situation), role, situation)
    assert not found, f"{role}, {situation}:\n{report(found)}"
