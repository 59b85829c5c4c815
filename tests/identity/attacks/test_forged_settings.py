"""Settings that a client forges: whatever it sets, whenever, it is A's client and no more."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from pgerp.db import connect
from tests.identity.attacks.prey import Prey
from tests.identity.conftest import World, hold
from tests.identity.reach import RELATIONS
from tests.ledger.books import as_json
from tests.pgtap import results_eq, set_eq, throws, value

# What the functions, triggers and policies of pgerp read, and what a client would like it to be.
WISHES: dict[str, Callable[[World], str]] = {
    "actor": lambda world: "mallory",
    "business_ids": lambda world: "*",
    "correlation_id": lambda world: "forged",
    "period_reason": lambda world: "forged",
    "posting": lambda world: "function",
    "tenant_id": lambda world: str(world.theirs),
    "user_agent": lambda world: "forged",
}

READ_BY_PGERP = r"""
SELECT DISTINCT m.part[1]
FROM (
    SELECT prosrc FROM pg_proc UNION ALL
    SELECT pg_get_triggerdef(oid) FROM pg_trigger UNION ALL
    SELECT pg_get_expr(polqual, polrelid) FROM pg_policy
) AS s (source)
CROSS JOIN LATERAL regexp_matches(s.source, '''pgerp\.([a-z_]+)''', 'g') AS m (part)
WHERE m.part[1] <> 'token'"""

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

POST = "SELECT ledger.create_journal_entry('MAIN', '2026-03-04', 'Forged', %s)"
LINES = as_json(("1110", "1"), ("4100", "-1"))


def wishes(world: World) -> dict[str, str]:
    return {f"pgerp.{name}": wish(world) for name, wish in WISHES.items()}


def test_these_are_all_the_settings_that_pgerp_reads(watcher: psycopg.Connection) -> None:
    set_eq(watcher, READ_BY_PGERP, [(name,) for name in WISHES])


def by_set(prey: Prey, scope: str) -> contextlib.AbstractContextManager[psycopg.Connection]:
    @contextlib.contextmanager
    def session() -> Iterator[psycopg.Connection]:
        with prey.client() as conn:
            for name, wish in wishes(prey.world).items():
                conn.execute(f"SET {scope} {name} = '{wish}'")  # type: ignore[arg-type]
            yield conn

    return session()


def by_options(prey: Prey) -> contextlib.AbstractContextManager[psycopg.Connection]:
    return prey.client(options=" ".join(f"-c {n}={w}" for n, w in wishes(prey.world).items()))


@contextlib.contextmanager
def by_savepoint(prey: Prey) -> Iterator[psycopg.Connection]:
    """Forge first, work as oneself in a savepoint, and go back to what was forged."""
    with prey.client() as conn:
        for name, wish in wishes(prey.world).items():
            conn.execute("SELECT set_config(%s, %s, true)", [name, wish])
        conn.execute("SAVEPOINT own")
        conn.execute(POST, [LINES])
        conn.execute("ROLLBACK TO own")
        assert value(conn, "SELECT current_setting('pgerp.actor')") == "mallory"
        yield conn


WAYS: dict[str, Callable[[Prey], contextlib.AbstractContextManager[psycopg.Connection]]] = {
    "SET": lambda prey: by_set(prey, "SESSION"),
    "SET LOCAL": lambda prey: by_set(prey, "LOCAL"),
    "connection options": by_options,
    "ROLLBACK TO": by_savepoint,
}


@pytest.fixture(params=WAYS, ids=str)
def forger(request: pytest.FixtureRequest, prey: Prey) -> Iterator[psycopg.Connection]:
    """A session of A's client in which every setting but the token is forged in one way."""
    with WAYS[request.param](prey) as conn:
        assert value(conn, "SELECT current_setting('pgerp.tenant_id')") == str(prey.world.theirs)
        yield conn


def seen(conn: psycopg.Connection) -> str:
    """Return every row of every table and view that the client reads."""
    relations = [name for (name,) in conn.execute(RELATIONS)]
    return "\n".join(
        row
        for name in relations
        for (row,) in conn.execute(f"SELECT t::text FROM {name} AS t")  # type: ignore[arg-type]
    )


def test_forged_settings_show_nothing_of_b_in_any_table_or_view(
    prey: Prey, forger: psycopg.Connection
) -> None:
    assert prey.told(seen(forger)) == set()
    hold(forger, prey.token_of_b())
    assert len(prey.told(seen(forger))) > 100


def test_what_is_written_under_forged_settings_is_a_s_and_says_who_wrote_it(
    prey: Prey, forger: psycopg.Connection
) -> None:
    entry_id = value(forger, POST, [LINES])
    results_eq(
        forger,
        "SELECT tenant_id, business_id, created_by, last_modified_by, created_at = now()"
        " FROM ledger.journal_entries WHERE id = %s",
        [(prey.world.ours, 1, "alice", "alice", True)],
        [entry_id],
    )


def logged(forger: psycopg.Connection) -> list[Any]:
    """Return what the log says of the client, as the client's own transaction has it."""
    names = ("actor", "user_agent", "correlation_id")
    return [value(forger, "SELECT current_setting(%s)", [f"pgerp.{name}"]) for name in names]


def test_the_log_hears_of_the_client_from_the_token_and_not_from_what_is_forged(
    prey: Prey, forger: psycopg.Connection
) -> None:
    # Entering sets what audit.log_change writes; where the token is silent, nothing.
    forger.execute("SELECT ledger.create_account('9999', 'Forged', 'ASSET')")
    assert logged(forger) == ["alice", "", ""]
    hold(forger, prey.world.token(user_agent="till", correlation_id="c-1"))
    forger.execute("SELECT ledger.create_account('9998', 'Forged', 'ASSET')")
    assert logged(forger) == ["alice", "till", "c-1"]


def test_what_a_function_entered_shows_nothing_to_the_client_s_own_statements(
    prey: Prey, attacker: psycopg.Connection
) -> None:
    hold(attacker, prey.token_of_b())
    attacker.execute(POST, [LINES])
    assert value(attacker, "SELECT current_setting('pgerp.tenant_id')") == str(prey.world.theirs)
    # B is still entered, by B's own token; whoever holds A's now sees A's, who holds none nothing.
    hold(attacker, prey.world.token())
    assert prey.told(seen(attacker)) == set()
    hold(attacker, "")
    assert value(attacker, "SELECT count(*) FROM ledger.journal_lines") == 0
    throws(attacker, "ZI001", POST, [LINES])


def test_what_is_forged_between_two_functions_does_not_reach_the_second(
    prey: Prey, attacker: psycopg.Connection
) -> None:
    first = value(attacker, POST, [LINES])
    for name, wish in wishes(prey.world).items():
        attacker.execute("SELECT set_config(%s, %s, true)", [name, wish])
    reversal = value(attacker, "SELECT ledger.reverse_journal_entry(%s, 'Twice')", [first])
    results_eq(
        attacker,
        "SELECT DISTINCT tenant_id, created_by FROM ledger.journal_entries WHERE id = ANY (%s)",
        [(prey.world.ours, "alice")],
        [[first, reversal]],
    )
    attacker.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_an_exception_caught_in_the_middle_leaves_nobody_else_entered(
    prey: Prey, attacker: psycopg.Connection
) -> None:
    attacker.execute(
        f"""DO $$
        BEGIN
            PERFORM set_config('pgerp.tenant_id', '{prey.world.theirs}', true);
            BEGIN
                PERFORM ledger.create_journal_entry('MAIN', '2026-03-04', 'x', '[]');
            EXCEPTION WHEN OTHERS THEN
                PERFORM set_config('test.sqlstate', SQLSTATE, true);
            END;
            PERFORM ledger.create_account('9999', 'After it', 'ASSET');
        END $$"""
    )
    assert value(attacker, "SELECT current_setting('test.sqlstate')") == "ZL005"
    results_eq(
        attacker,
        "SELECT tenant_id, created_by FROM ledger.accounts WHERE code = '9999'",
        [(prey.world.ours, "alice")],
    )


@pytest.mark.parametrize("when", ["token", "tenant"])
def test_what_is_checked_at_commit_does_not_go_by_what_is_held_or_forged_then(
    prey: Prey, attacker: psycopg.Connection, when: str
) -> None:
    draft = value(
        attacker,
        "SELECT ledger.create_journal_entry('MAIN', '2026-03-04', 'x', %s, 'DRAFT')",
        [LINES],
    )
    attacker.execute("SELECT ledger.post_journal_entry(%s)", [draft])
    if when == "token":
        hold(attacker, "")
    attacker.execute("SELECT set_config('pgerp.tenant_id', %s, true)", [str(prey.world.theirs)])
    attacker.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert value(attacker, "SELECT current_setting('pgerp.tenant_id')") == str(prey.world.ours)


@pytest.mark.parametrize("posting", ["", "function", "proved"])
def test_no_setting_lets_a_line_join_a_draft_that_is_held(
    attacker: psycopg.Connection, posting: str
) -> None:
    held = value(
        attacker,
        "SELECT ledger.hold_journal_entry('MAIN', '2026-03-04', 'Held', %s)",
        [as_json(("1120", "5"), ("2110", "-5"))],
    )
    attacker.execute("SELECT set_config('pgerp.posting', %s, false)", [posting])
    line = json.dumps({"account": "1110", "credit": "500"})
    throws(attacker, "ZL035", "SELECT ledger.add_journal_line(%s, %s)", [held, line])


@pytest.mark.parametrize("name", ["token", *WISHES])
@pytest.mark.parametrize("target", ["ROLE {}", "ROLE {} IN DATABASE {}", "DATABASE {1}"])
def test_no_client_has_later_sessions_begin_with_a_setting_of_pgerp(
    prey: Prey, attacker: psycopg.Connection, name: str, target: str
) -> None:
    attacker.execute("SELECT set_config(%s, 'forged', true)", [f"pgerp.{name}"])
    whose = target.format(prey.world.login, attacker.info.dbname)
    throws(attacker, "42501", f"ALTER {whose} SET pgerp.{name} = 'forged'")


@pytest.mark.parametrize("setting", ["pgerp.token", "pgerp.tenant_id"])
@pytest.mark.parametrize("reset", ["RESET {}", "SET {} TO DEFAULT", "RESET ALL", "DISCARD ALL"])
def test_a_setting_that_is_reset_is_nobody_s(prey: Prey, setting: str, reset: str) -> None:
    with connect(prey.world.client_url) as conn:
        hold(conn, "")
        for name, forged in (
            ("pgerp.token", prey.world.token()),
            ("pgerp.tenant_id", str(prey.world.theirs)),
        ):
            conn.execute("SELECT set_config(%s, %s, false)", [name, forged])
        assert value(conn, "SELECT count(*) FROM identity.tenants") == 1
        conn.execute(reset.format(setting))  # type: ignore[arg-type]
        visible = 0 if setting == "pgerp.token" or "{}" not in reset else 1
        assert value(conn, "SELECT count(*) FROM identity.tenants") == visible
        assert prey.told(seen(conn)) == set()


def test_a_token_of_b_with_a_changed_letter_is_refused_by_every_table_and_view(
    prey: Prey, attacker: psycopg.Connection
) -> None:
    header, payload, signature = prey.token_of_b().split(".")
    other = re.sub(r"^.", lambda first: "B" if first[0] == "A" else "A", signature)
    hold(attacker, f"{header}.{payload}.{other}")
    # Relations that have no row of a tenant have no policy, and answer everybody.
    open_to_all = set()
    for (relation,) in attacker.execute(RELATIONS).fetchall():
        try:
            with attacker.transaction():
                rows = attacker.execute(f"SELECT t::text FROM {relation} AS t").fetchall()  # type: ignore[arg-type]
        except psycopg.Error as error:
            assert error.sqlstate == "ZI002", relation
        else:
            open_to_all.add(relation)
            assert prey.told(str(rows)) == set(), relation
    assert open_to_all == REFERENCE
