"""Sessions that several clients use in turn, plans and cursors that outlive a token."""

from __future__ import annotations

import psycopg
import pytest

from pgerp.db import connect
from tests.identity.attacks.prey import NAME, Prey
from tests.identity.conftest import hold
from tests.identity.questions import questions
from tests.identity.reach import FUNCTIONS, RELATIONS
from tests.pgtap import as_role, value

PLANS = ["force_generic_plan", "force_custom_plan", "auto"]


def relations(conn: psycopg.Connection) -> list[str]:
    return [name for (name,) in conn.execute(RELATIONS).fetchall()]


def rows(conn: psycopg.Connection, query: str) -> str:
    return str(conn.execute(query).fetchall())  # type: ignore[arg-type]


@pytest.mark.parametrize("plans", PLANS)
def test_a_plan_made_for_one_token_answers_the_next_one_its_own(
    prey: Prey, attacker: psycopg.Connection, plans: str
) -> None:
    attacker.execute(f"SET LOCAL plan_cache_mode = {plans}")  # type: ignore[arg-type]
    for number, relation in enumerate(relations(attacker)):
        statement = f"EXECUTE plan_{number}"
        hold(attacker, prey.token_of_b())
        attacker.execute(f"PREPARE plan_{number} AS SELECT t::text FROM {relation} AS t")  # type: ignore[arg-type]
        of_b = rows(attacker, statement)
        hold(attacker, prey.world.token())
        of_a = rows(attacker, statement)
        hold(attacker, "")
        of_nobody = rows(attacker, statement)
        for text in (of_a, of_nobody):
            assert prey.told(text) == set(), relation
        # Reference rows are everybody's; all others are one's own.
        assert (of_a == of_b) is (of_nobody == of_b), relation
        hold(attacker, prey.token_of_b())
        assert rows(attacker, statement) == of_b


def test_a_plan_made_as_the_owner_does_not_serve_the_client(
    prey: Prey, watcher: psycopg.Connection
) -> None:
    """Functions that run as their caller keep their plans for the session, whoever calls."""
    watcher.execute("SET LOCAL plan_cache_mode = force_generic_plan")
    watcher.execute("SELECT set_config('pgerp.tenant_id', %s, true)", [str(prey.world.theirs)])
    seen, calls = 0, []
    for function, given, _, _ in watcher.execute(FUNCTIONS).fetchall():
        volatile = value(
            watcher,
            "SELECT provolatile = 'v' OR prosecdef FROM pg_proc"
            " WHERE pronamespace::regnamespace || '.' || proname = %s",
            [function],
        )
        if function.startswith("ledger.") and not volatile:
            for arguments in questions(prey.side, function, list(given or [])):
                if set(arguments) & {"p_business_code", "p_tenant_id"}:
                    named = ", ".join(f"{name} => %({name})s" for name in arguments)
                    calls.append((f"SELECT * FROM {function}({named})", arguments))
    assert len(calls) > 20
    for role, token in (("pgerp_owner", prey.token_of_b()), ("pgerp_app", prey.world.token())):
        for statement, arguments in calls:
            hold(watcher, token)
            try:
                with watcher.transaction(), as_role(watcher, role):
                    found = str(watcher.execute(statement, arguments).fetchall())  # type: ignore[arg-type]
            except psycopg.Error:
                continue
            told = prey.told(found, str(arguments))
            if role == "pgerp_owner":
                seen += bool(told)
            else:
                assert told == set(), statement
    assert seen > 10


@pytest.mark.parametrize("hold_option", ["WITHOUT HOLD", "WITH HOLD"])
def test_a_cursor_shows_the_rows_of_tokens_that_were_held(
    prey: Prey, attacker: psycopg.Connection, hold_option: str
) -> None:
    """Opened with A's token, or none; then the token is taken away and everything else forged."""
    for number, token in enumerate((prey.world.token(), "")):
        hold(attacker, token)
        attacker.execute(
            f"DECLARE c{number} CURSOR {hold_option} FOR"  # type: ignore[arg-type]
            " SELECT t::text FROM ledger.journal_lines AS t"
        )
        first = rows(attacker, f"FETCH 1 FROM c{number}")
        hold(attacker, "")
        attacker.execute("SELECT set_config('pgerp.tenant_id', %s, true)", [str(prey.world.theirs)])
        rest = rows(attacker, f"FETCH ALL FROM c{number}")
        assert (first == "[]") is (token == "")
        assert prey.told(first + rest) == set()


def test_a_token_of_a_savepoint_is_gone_with_it(prey: Prey, attacker: psycopg.Connection) -> None:
    attacker.execute("SAVEPOINT before")
    hold(attacker, prey.token_of_b())
    assert prey.told(rows(attacker, "SELECT t::text FROM ledger.journal_lines AS t"))
    attacker.execute("ROLLBACK TO before")
    for relation in relations(attacker):
        found = rows(attacker, f"SELECT t::text FROM {relation} AS t")
        assert prey.told(found) == set(), relation


def test_a_token_of_a_block_that_failed_is_gone_with_it(
    prey: Prey, attacker: psycopg.Connection
) -> None:
    attacker.execute(
        f"""DO $$
        BEGIN
            PERFORM set_config('pgerp.token', '{prey.token_of_b()}', true);
            PERFORM 1 / 0;
        EXCEPTION WHEN division_by_zero THEN
            PERFORM set_config('test.seen', (
                SELECT string_agg(t::text, '') FROM identity.users AS t
            ), true);
        END $$"""
    )
    seen = value(attacker, "SELECT current_setting('test.seen')")
    assert "Ursula of Ours" in seen
    assert prey.told(seen) == set()


@pytest.mark.parametrize("token", [True, False])
def test_workers_of_a_parallel_query_hold_the_same_token(
    prey: Prey, attacker: psycopg.Connection, token: bool
) -> None:
    name = "debug_parallel_query"
    if attacker.info.server_version < 160000:
        name = "force_parallel_mode"
    hold(attacker, prey.world.token() if token else "")
    for relation in relations(attacker):
        count = f"SELECT count(*), min(t::text), max(t::text) FROM {relation} AS t"
        attacker.execute(f"SET LOCAL {name} = off")  # type: ignore[arg-type]
        alone = rows(attacker, count)
        attacker.execute(f"SET LOCAL {name} = on")  # type: ignore[arg-type]
        assert rows(attacker, count) == alone, relation
        assert prey.told(rows(attacker, f"SELECT t::text FROM {relation} AS t")) == set()


# What a session keeps from one transaction to the next.
KEPT = {
    "a temporary table": ("CREATE TEMP TABLE kept AS {}", "SELECT t::text FROM kept AS t"),
    "a cursor": ("DECLARE kept CURSOR WITH HOLD FOR {}", "FETCH ALL FROM kept"),
    "a setting": (
        "SELECT set_config('test.kept', (SELECT string_agg(q::text, '') FROM ({}) AS q), false)",
        "SELECT current_setting('test.kept', true)",
    ),
    "a prepared statement": (
        f"PREPARE kept AS SELECT '{NAME}' FROM ({{}}) AS q",
        "SELECT statement FROM pg_prepared_statements",
    ),
    "a token": (
        "SELECT set_config('pgerp.token', current_setting('pgerp.token'), false)",
        "SELECT t::text FROM ledger.journal_lines AS t",
    ),
}


@pytest.mark.parametrize("what", KEPT)
def test_what_a_session_keeps_of_b_is_there_for_the_next_client_until_it_is_discarded(
    prey: Prey, what: str
) -> None:
    """What docs/security.md says to poolers."""
    keep, look = KEPT[what]
    with connect(prey.world.client_url) as conn:
        with conn.transaction():
            hold(conn, prey.token_of_b())
            conn.execute(keep.format("SELECT name FROM identity.users"))  # type: ignore[arg-type]
        assert prey.told(rows(conn, look))
        conn.execute("DISCARD ALL")
        try:
            assert prey.told(rows(conn, look)) == set()
        except psycopg.Error as error:
            # There is no such table or cursor any more.
            assert error.sqlstate in ("42P01", "34000")


def test_what_a_transaction_holds_ends_with_it(prey: Prey) -> None:
    with connect(prey.world.client_url) as conn:
        for token in (prey.token_of_b(), prey.world.token()):
            with conn.transaction():
                hold(conn, token)
                conn.execute(
                    "SELECT ledger.create_journal_entry('MAIN', '2026-03-04', 'x', %s)",
                    ['[{"account": "1110", "debit": "1"}, {"account": "4100", "credit": "1"}]'],
                )
                conn.execute("SELECT 1")
                raise psycopg.Rollback()
            settings = conn.execute(
                "SELECT current_setting('pgerp.' || name, true)"
                " FROM unnest(%s::text[]) AS s (name)",
                [["token", "tenant_id", "actor", "business_ids", "posting"]],
            ).fetchall()
            assert {setting for (setting,) in settings} <= {"", None}
            for relation in relations(conn):
                assert prey.told(rows(conn, f"SELECT t::text FROM {relation} AS t")) == set()
