"""A service restored from a backup that is older than what happened: made whole by comparison."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from pgerp.services import replicate
from pgerp.services.compare import differences
from pgerp.services.resync import slot_with_snapshot
from pgerp.services.routes import feeds
from pgerp.services.setup import read_routes
from tests.hr.queries import HISTORY, STATE
from tests.pgtap import results_eq, value
from tests.runner.support import until
from tests.servers import Server
from tests.topology.backups import Backups
from tests.topology.commands import Commands, execute
from tests.topology.compare_rows import contents, events
from tests.topology.scenario import Company, rows
from tests.topology.sites import Spread
from tests.topology.test_payroll_saga import CHECKS, sound

ENTRIES = "SELECT id FROM ledger.journal_entries ORDER BY id"
POSTED = "SELECT accounting_transaction_id FROM payroll.payroll_records ORDER BY 1"
NAMES = "SELECT employee_no, name FROM payroll.employee_cache ORDER BY 1"
TENANTS = "SELECT id, name FROM identity.tenants ORDER BY 1"


@pytest.fixture
def backups(pg_bin: Path, tmp_path: Path) -> Backups:
    return Backups(pg_bin, tmp_path)


@pytest.fixture
def commands(spread: Spread, server: Server, tmp_path: Path) -> Commands:
    commands = Commands(tmp_path / "topology.toml", server.database("postgres"))
    commands.write_topology(spread.topology)
    return commands


def restore(spread: Spread, backups: Backups, module: str) -> None:
    spread.forget()
    backups.restore(spread.service(module))


def heal(spread: Spread, commands: Commands, module: str) -> str:
    """See that it is ill, resync it, and have the services work; return what resync said."""
    name = spread.service(module).name
    assert commands.run("status").code == 2
    refused = commands.run("up")
    assert refused.code == 2
    assert "do not know where they were" in refused.err
    done = commands.run("resync", "--service", name)
    assert done.code == 0, done
    spread.settle()
    assert list(differences(spread.topology, read_routes(spread.topology))) == []
    until(lambda: commands.run("status").code == 0)
    assert commands.run("up").out == "nothing to do\n"
    again = commands.run("resync", "--service", name)
    assert "\n0 events brought" in again.out
    return done.out


def everything(company: Company) -> list[list[tuple[Any, ...]]]:
    site = company.site
    return [
        company.books(),
        company.records(),
        rows(site.at("payroll"), NAMES),
        rows(site.at("payroll"), POSTED),
    ]


def test_payroll_restored_from_before_the_run_was_sent_ends_with_equal_books_and_records(
    spread: Spread, commands: Commands, backups: Backups
) -> None:
    company = Company(spread)
    company.hire()
    company.calculate("2026-01")
    backups.take(spread.service("payroll"))
    company.process("2026-01")
    company.rename(7, "Renamed after the backup")
    late = value(spread.at("ledger"), "SELECT identity.create_tenant('After the backup')")
    spread.settle()
    before = everything(company)
    restore(spread, backups, "payroll")
    assert {row[2] for row in company.records()} == {"pending"}
    said = heal(spread, commands, "payroll")
    assert "50 events brought back" in said
    assert everything(company) == before
    assert set(rows(spread.at("payroll"), POSTED)) == set(rows(spread.at("ledger"), ENTRIES))
    assert (late, "After the backup") in rows(spread.at("payroll"), TENANTS)
    sound(spread.at("payroll"), "payroll", "events")
    # Sent again by hand it is the same: nothing is paid twice. And life goes on.
    company.rename(8, "Later")
    spread.settle()
    assert (company.books(), company.records()[7][1]) == (before[0], "Later")


def test_the_ledger_restored_from_before_it_posted_makes_the_same_entries_again(
    spread: Spread, commands: Commands, backups: Backups
) -> None:
    company = Company(spread)
    company.hire()
    company.calculate("2026-01")
    backups.take(spread.service("ledger"))
    company.act("ledger", "SELECT identity.create_business('LATE', 'Late', 'KES')")
    late = value(spread.at("ledger"), "SELECT identity.create_tenant('After the backup')")
    company.process("2026-01")
    spread.settle()
    before = everything(company)
    entries = rows(spread.at("ledger"), ENTRIES)
    restore(spread, backups, "ledger")
    assert company.books() == []
    said = heal(spread, commands, "ledger")
    assert "identity.businesses: 1 rows brought back" in said
    assert everything(company) == before
    # The very entries that the records of payroll name.
    assert rows(spread.at("ledger"), ENTRIES) == entries
    assert value(spread.at("payroll"), "SELECT count(*) FROM events.parked") == 0
    sound(spread.at("ledger"), "ledger", "events")
    # Numbers go on after those that came back.
    assert value(spread.at("ledger"), "SELECT identity.create_tenant('Next')") == late + 1
    company.act("ledger", "SELECT identity.create_business('NEXT', 'Next', 'KES')")


def test_hr_restored_from_before_it_hired_has_the_rows_that_it_had(
    spread: Spread, commands: Commands, backups: Backups
) -> None:
    company = Company(spread)
    company.hire(1, 3)
    backups.take(spread.service("hr"))
    company.act("hr", "SELECT hr.create_department('MAIN', 'NEW', 'New one', 'NEW-2026')")
    company.hire(4, 5)
    company.rename(1, "Twice")
    for call in (
        "transfer_employee('MAIN', 'E002', 'NEW', '2026-01-01', 'Head', 'E005', 'Why')",
        "change_salary('MAIN', 'E002', 77777.25, '2026-02-01')",
        "start_leave('MAIN', 'E004', '2026-01-15')",
        "terminate_employee('MAIN', 'E003', '2026-01-31')",
        "set_employee_numbers('MAIN', 'E001', '{}')",
    ):
        company.act("hr", f"SELECT hr.{call}")
    spread.settle()
    before = people(spread)
    cached = [contents(spread, "payroll"), events(spread, ["hr", "payroll"])]
    restore(spread, backups, "hr")
    assert people(spread) != before
    said = heal(spread, commands, "hr")
    assert "8 events brought back" in said
    assert "8 events of 5 employees taken back" in said
    assert "set those of E001, E004, E005 again" in said
    assert "department NEW made again" in said
    assert people(spread) == before
    assert [contents(spread, "payroll"), events(spread, ["hr", "payroll"])] == cached
    sound(spread.at("hr"), "hr", "events")
    # Its streams and versions go on after what was used.
    company.rename(1, "Thrice")
    spread.settle()
    results_eq(spread.at("payroll"), f"{NAMES} LIMIT 1", [("E001", "Thrice")])


def test_what_hr_changes_between_its_restore_and_the_resync_is_what_payroll_ends_with(
    spread: Spread, commands: Commands, backups: Backups
) -> None:
    company = Company(spread)
    company.hire(1, 2)
    backups.take(spread.service("hr"))
    raised = "SELECT hr.change_salary('MAIN', %s, 77777, '2026-02-01')"
    for number in ("E001", "E002"):
        company.act("hr", raised, number)
    spread.settle()
    restore(spread, backups, "hr")
    # The number of a version that payroll knows already.
    company.rename(1, "Too early")
    said = heal(spread, commands, "hr")
    assert "employee E001 was changed after the restore, and stays as hr has it now" in said
    results_eq(spread.at("payroll"), NAMES, [("E001", "Too early"), ("E002", "Person 2")])
    for module, table in (("hr", "hr.salaries"), ("payroll", "payroll.salary_cache")):
        amounts = f"SELECT amount::integer FROM {table} ORDER BY 1"
        results_eq(spread.at(module), amounts, [(27_000,), (34_000,), (77_777,)])
    sound(spread.at("hr"), "hr")
    # Both events of that number stay on record, and verify goes on naming their stream.
    check = (CHECKS / "events" / "streams_have_no_gap.sql").read_text()
    assert [row[3:] for row in rows(spread.at("hr"), check)] == [(3, 4)]
    company.act("hr", raised, "E001")
    spread.settle()
    results_eq(
        spread.at("payroll"),
        "SELECT count(*) FROM payroll.salary_cache WHERE amount = 77777",
        [(2,)],
    )


def people(site: Spread) -> list[list[tuple[Any, ...]]]:
    return [rows(site.at("hr"), query) for query in (STATE, HISTORY)]


def test_a_resync_beside_somebody_who_writes_brings_nothing_twice(
    spread: Spread, commands: Commands
) -> None:
    company = Company(spread)
    company.hire(1, 1)
    name = f"pgerp_{spread.service('hr').name}_to_{spread.service('payroll').name}"
    execute(spread.service("payroll").url, f"ALTER SUBSCRIPTION {name} DISABLE")
    with commands.spawn("resync", "--service", spread.service("payroll").name) as process:
        number = 0
        while process.poll() is None:
            number += 1
            company.rename(1, f"Name {number}")
            time.sleep(0.05)
        assert process.returncode == 0, process.communicate()
    spread.settle()
    results_eq(spread.at("payroll"), NAMES, [("E001", f"Name {number}")])
    assert number > 1
    count = "SELECT count(*) FROM events.event_store WHERE event_type = 'hr.employee_renamed'"
    assert value(spread.at("payroll"), count) == number
    until(lambda: commands.run("status").code == 0)


def test_what_is_compared_ends_where_the_new_slot_begins(spread: Spread) -> None:
    company = Company(spread)
    company.hire(1, 1)
    wanted = feeds(spread.topology, read_routes(spread.topology))
    ends = (spread.service("hr"), spread.service("payroll"))
    feed = next(one for one in wanted if (one.source, one.destination) == ends)
    replicate.unsubscribe(spread.at("payroll"), feed.name)
    replicate.drop_slot(spread.at("hr"), feed.name)
    with slot_with_snapshot(feed) as source:
        company.rename(1, "After it was made")
        count = "SELECT count(*) FROM events.event_store WHERE event_type = 'hr.employee_renamed'"
        assert value(source, count) == 0
        assert value(spread.at("hr"), count) == 1
    replicate.subscribe(feed, copy=False)
    spread.settle()
    results_eq(spread.at("payroll"), NAMES, [("E001", "After it was made")])


def test_a_resync_that_cannot_reach_a_peer_does_nothing(spread: Spread, commands: Commands) -> None:
    hr = spread.service("hr")
    # Other tests make and remove theirs on the server meanwhile.
    suffix = hr.name.removeprefix("employee_")
    ours = commands.there(suffix)
    assert len(ours) > 8
    execute(commands.server_url, f"ALTER DATABASE {hr.database} ALLOW_CONNECTIONS false")
    try:
        outcome = commands.run("resync", "--service", spread.service("payroll").name)
        assert outcome.code == 2
        assert hr.database in outcome.err
        assert commands.there(suffix) == ours
    finally:
        execute(commands.server_url, f"ALTER DATABASE {hr.database} ALLOW_CONNECTIONS true")
