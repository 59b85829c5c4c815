"""What somebody granted or revoked by hand is noticed, and the next `up` puts it right."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator

import pytest

from pgerp import repeatables
from pgerp.db import connect
from pgerp.project import load_projects
from tests.runner.journals import ask, run

BY_HAND = {
    "a table": "GRANT UPDATE ON identity.users TO pgerp_service_payroll",
    "a column": "GRANT UPDATE (name) ON identity.users TO pgerp_readonly",
    "a view": "GRANT DELETE ON finance.budgets TO pgerp_app",
    "a sequence": "GRANT USAGE ON SEQUENCE identity.tenants_id_seq TO pgerp_app",
    "a function": "GRANT EXECUTE ON FUNCTION ledger.seal TO PUBLIC",
    "a type": "GRANT USAGE ON TYPE ledger.entry_status TO pgerp_monitor",
    "a schema": "GRANT CREATE ON SCHEMA ledger TO pgerp_app",
    "a right to hand it on": "GRANT SELECT ON ledger.accounts TO pgerp_app WITH GRANT OPTION",
    "something taken away": "REVOKE EXECUTE ON FUNCTION ledger.seal FROM pgerp_app",
    "default privileges": "ALTER DEFAULT PRIVILEGES FOR ROLE pgerp_owner"
    " GRANT SELECT ON TABLES TO PUBLIC",
    "default privileges of the other": "ALTER DEFAULT PRIVILEGES FOR ROLE pgerp_migrator"
    " GRANT EXECUTE ON FUNCTIONS TO PUBLIC",
}


@pytest.fixture
def login(clone: str) -> Iterator[str]:
    name = f"login_{uuid.uuid4().hex[:12]}"
    ask(clone, f"CREATE ROLE {name} LOGIN IN ROLE pgerp_app")
    yield name
    ask(clone, f"DROP OWNED BY {name}")
    ask(clone, f"DROP ROLE {name}")


def digest(url: str) -> dict[str, str]:
    with connect(url) as conn:
        return repeatables.digests(conn, repeatables.discover(load_projects([])))


@pytest.mark.parametrize("what", BY_HAND)
def test_it_is_put_right_by_the_next_up(clone: str, what: str) -> None:
    before = digest(clone)
    ask(clone, BY_HAND[what])
    assert digest(clone) != before
    assert run(clone, "up").exit_code == 0
    assert digest(clone) == before


def test_it_is_pending_until_then(clone: str) -> None:
    assert run(clone, "status").exit_code == 0
    ask(clone, BY_HAND["a table"])
    status = run(clone, "status", "--json")
    assert status.exit_code == 1
    assert json.loads(status.stdout)["roles_pending"] == ["pgerp"]
    steps = json.loads(run(clone, "plan", "--json").stdout)["steps"]
    assert {step["reason"] for step in steps if step["action"] == "grant"} == {"by hand"}
    assert run(clone, "up").exit_code == 0
    assert run(clone, "status").exit_code == 0
    assert run(clone, "up").stdout == "nothing to do\n"


def test_what_logins_of_the_operator_s_were_given_is_theirs(clone: str, login: str) -> None:
    ask(clone, f"GRANT UPDATE ON identity.users TO {login}")
    assert run(clone, "status").exit_code == 0
    assert run(clone, "repair", "--reason", "x", "--reapply").exit_code == 0
    assert run(clone, "up").exit_code == 0
    assert ask(clone, f"SELECT has_table_privilege('{login}', 'identity.users', 'UPDATE')") == [
        (True,)
    ]


def test_partitions_that_maintenance_makes_are_no_work_for_up(clone: str) -> None:
    assert run(clone, "maintain", "--years-ahead", "4").exit_code == 0
    assert run(clone, "status").exit_code == 0


def test_a_database_of_an_older_runner_is_not_held_to_what_nobody_kept(clone: str) -> None:
    ask(clone, "ALTER TABLE pgerp.history DISABLE TRIGGER ALL;"
               "DELETE FROM pgerp.history WHERE action = 'privileges'")  # fmt: skip
    ask(clone, "GRANT UPDATE ON identity.users TO pgerp_app")
    assert run(clone, "status").exit_code == 0
