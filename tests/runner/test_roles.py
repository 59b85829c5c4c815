"""`pgerp roles`: what the catalog says of each role, by membership and as owner too."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from tests.runner.journals import ask, run

OURS = ["app", "auditor", "backup", "migrator", "monitor", "owner", "readonly"]


def roles(url: str) -> dict[str, Any]:
    result = run(url, "roles", "--json")
    assert result.exit_code == 0
    return {role["name"]: role for role in json.loads(result.stdout)}


def granted(role: dict[str, Any], schema: str, kind: str) -> dict[str, list[str]]:
    return {
        grant["privilege"]: grant["objects"]
        for grant in role["grants"]
        if (grant["schema"], grant["kind"]) == (schema, kind)
    }


@pytest.fixture
def login(clone: str) -> Iterator[str]:
    """A service's login, a member of pgerp_app."""
    name = f"svc_{uuid.uuid4().hex[:12]}"
    ask(clone, f"CREATE ROLE {name} LOGIN IN ROLE pgerp_app")
    yield name
    ask(clone, f"DROP OWNED BY {name}")
    ask(clone, f"DROP ROLE {name}")


def test_each_role_of_pgerp_is_shown_with_its_members(clone: str, login: str) -> None:
    found = roles(clone)
    assert {f"pgerp_{name}" for name in OURS} | {login} <= found.keys()
    assert login in found["pgerp_app"]["members"]
    assert found[login]["member_of"] == ["pgerp_app"]
    assert found["pgerp_migrator"]["member_of"] == ["pgerp_owner"]
    assert found["pgerp_backup"]["bypasses_row_security"] is True
    assert [found[f"pgerp_{name}"]["can_login"] for name in OURS] == [
        name == "owner" for name in OURS
    ]
    assert not any(role["is_superuser"] for role in found.values())


def test_what_a_role_may_do_is_what_the_catalog_says(clone: str, login: str) -> None:
    found = roles(clone)
    app, migrator, monitor = (found[f"pgerp_{name}"] for name in ("app", "migrator", "monitor"))
    assert granted(app, "ledger", "table").keys() == {"SELECT"}
    assert "journal_entries" in granted(app, "ledger", "table")["SELECT"]
    assert "signing_keys" not in granted(app, "identity", "table")["SELECT"]
    functions = ask(
        clone,
        """SELECT oid::regprocedure::text FROM pg_proc
        WHERE pronamespace = 'identity'::regnamespace
            AND has_function_privilege('pgerp_app', oid, 'EXECUTE')""",
    )
    assert sorted(granted(app, "identity", "function")["EXECUTE"]) == sorted(
        name for (name,) in functions
    )
    # By membership, and as owner.
    assert found[login]["grants"] == app["grants"]
    assert migrator["grants"] == found["pgerp_owner"]["grants"]
    assert granted(migrator, "identity", "table").keys() == {
        *("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE")
    }
    assert {grant["schema"] for grant in monitor["grants"]} == {"pgerp", "events", "messaging"}
    assert granted(monitor, "events", "table") == granted(monitor, "messaging", "table") == {}


def test_a_grant_by_hand_shows(clone: str, login: str) -> None:
    ask(clone, f"GRANT UPDATE ON identity.users TO {login}")
    found = roles(clone)
    assert granted(found[login], "identity", "table")["UPDATE"] == ["users"]
    assert "UPDATE" not in granted(found["pgerp_app"], "identity", "table")


def test_people_read_counts_per_schema(clone: str, login: str) -> None:
    result = run(clone, "roles")
    assert result.exit_code == 0
    tables = granted(roles(clone)["pgerp_app"], "ledger", "table")["SELECT"]
    block = result.stdout.split("pgerp_app:")[1].split("\npgerp_")[0]
    (line,) = [text for text in block.splitlines() if text.startswith("  ledger: ")]
    assert f"SELECT on {len(tables)} tables" in line
    assert "USAGE" in line
    assert login in block
    for word in ("INSERT", "UPDATE", "DELETE", "TRUNCATE", "CREATE"):
        assert word not in line
