"""Roles are made at home and hold where the module is: all know what can be permitted."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from pgerp.services import permissions
from tests.pgtap import results_eq, value
from tests.servers import Server
from tests.topology.commands import Commands, execute
from tests.topology.scenario import Company, rows
from tests.topology.sites import Spread
from tests.topology.test_payroll_saga import sound

HIRE = "SELECT hr.hire_employee('MAIN', %s, 'N', 'SALES', '2026-01-01', 1000)"
ALL = "SELECT * FROM identity.permissions ORDER BY code"


def test_a_role_made_at_home_lets_its_user_hire_where_hr_is_and_no_other(
    spread: Spread, server: Server, tmp_path: Path
) -> None:
    company = Company(spread)
    company.hire(1, 1)
    company.act("ledger", "SELECT identity.create_role('people', 'P', '{hr.manage_employees}')")
    company.act("ledger", "SELECT identity.create_role('books', 'B', '{ledger.post}')")
    for who, role in (("hanna", "people"), ("bert", "books")):
        company.act("ledger", "SELECT identity.create_user(%s, %s, NULL, true)", who, who)
        company.act("ledger", "SELECT identity.grant_role(%s, %s)", who, role)
        company.tokens[who] = value(
            spread.at("ledger"),
            "SELECT identity.issue_token(%s, %s, NULL, '1 day')",
            [company.tenant_id, who],
        )
    spread.arrived()
    company.act("hr", HIRE, "H1", who="hanna")
    for who, module, call in (
        ("bert", "hr", HIRE),
        ("hanna", "ledger", "SELECT ledger.create_account(%s, 'X', 'ASSET')"),
    ):
        with pytest.raises(psycopg.Error) as caught:
            company.act(module, call, "9999", who=who)
        assert caught.value.sqlstate == "ZI011"
    # The role loses it at home, and its user there.
    company.act("ledger", "SELECT identity.revoke_permission('people', 'hr.manage_employees')")
    spread.arrived()
    with pytest.raises(psycopg.Error) as caught:
        company.act("hr", HIRE, "H2", who="hanna")
    assert caught.value.sqlstate == "ZI011"
    for module in ("hr", "payroll", "ledger"):
        sound(spread.at(module), "identity")
    commands = Commands(tmp_path / "topology.toml", server.database("postgres"))
    commands.write_topology(spread.topology)
    assert commands.run("up").out == "nothing to do\n"
    assert commands.run("verify").code == 0


def test_every_database_knows_what_all_modules_permit_and_up_keeps_it_so(spread: Spread) -> None:
    known = rows(spread.at("ledger"), ALL)
    codes = {row[0] for row in known}
    assert {"hr.manage_employees", "payroll.prepare", "payroll.read", "ledger.post"} <= codes
    for module in ("hr", "payroll"):
        assert rows(spread.at(module), ALL) == known
    # Whose module it is says what it is, and that it is no more.
    execute(
        spread.service("payroll").url,
        "UPDATE identity.permissions SET description = 'Else' WHERE module IN ('payroll', 'hr')",
    )
    execute(
        spread.service("hr").url,
        "INSERT INTO identity.permissions VALUES ('hr.new', 'hr', 'New', false);"
        " INSERT INTO identity.permissions VALUES ('payroll.old', 'payroll', 'Old', false)",
    )
    assert len(list(permissions.share(spread.topology))) == 3
    assert list(permissions.share(spread.topology)) == []
    for module in ("hr", "payroll", "ledger"):
        results_eq(
            spread.at(module),
            """SELECT code::text, description = 'Else' FROM identity.permissions
            WHERE code IN ('hr.new', 'hr.manage_employees', 'payroll.read', 'payroll.old')
            ORDER BY 1""",
            [("hr.manage_employees", False), ("hr.new", False), ("payroll.read", True)],
        )
