"""Queries that would look at a row before a policy does: by functions, casts, operators, plans."""

from __future__ import annotations

import json
import re

import psycopg
import pytest

from tests.identity.attacks.prey import NAME, Prey
from tests.identity.conftest import hold
from tests.identity.reach import RELATIONS
from tests.identity.tokens import KEY
from tests.identity.two_businesses import SECRET
from tests.pgtap import as_role, throws, value
from tests.years import THIS_YEAR

# Cheap, so that a plan which may would call it before any other condition.
LEAK = """
CREATE FUNCTION pg_temp.leak(p_row text) RETURNS boolean
LANGUAGE plpgsql COST 0.0000001 AS $$
BEGIN
    RAISE NOTICE '%', p_row;
    RETURN true;
END $$"""

# Called by the planner, if it may, with the values that statistics have of a column.
OPERATORS = """
CREATE FUNCTION pg_temp.leak({0}, {0}) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE COST 0.0000001 AS $$
BEGIN
    RAISE NOTICE '% %', $1, $2;
    RETURN true;
END $$;
CREATE OPERATOR pg_temp.<<< (FUNCTION = pg_temp.leak, LEFTARG = {0}, RIGHTARG = {0},
    RESTRICT = {1}, JOIN = {2});"""

COLUMNS = """
SELECT quote_ident(a.attname), t.typname
FROM pg_attribute AS a
INNER JOIN pg_type AS y ON y.oid = a.atttypid
INNER JOIN pg_type AS t ON t.oid = CASE y.typtype WHEN 'd' THEN y.typbasetype ELSE y.oid END
WHERE a.attrelid = to_regclass(%s) AND a.attnum > 0 AND NOT a.attisdropped"""


def relations(conn: psycopg.Connection) -> list[str]:
    return [name for (name,) in conn.execute(RELATIONS).fetchall()]


class Ear:
    """What the server says beside results: notices, and every field of errors."""

    def __init__(self, conn: psycopg.Connection) -> None:
        self.heard: list[str] = []
        conn.add_notice_handler(self.note)

    def note(self, diag: psycopg.errors.Diagnostic) -> None:
        self.heard.append(f"{diag.message_primary} {diag.message_detail} {diag.context}")

    def text(self) -> str:
        heard, self.heard = "\n".join(self.heard), []
        return heard


# What a client writes around a relation to have its own function called early.
QUERIES = [
    "SELECT FROM {0} AS t WHERE pg_temp.leak(t::text)",
    "SELECT FROM {0} AS t WHERE CASE WHEN pg_temp.leak(t::text) THEN true END",
    "SELECT count(*) FILTER (WHERE pg_temp.leak(t::text)) FROM {0} AS t",
    "SELECT FROM {0} AS t LEFT JOIN generate_series(1, 2) AS g ON pg_temp.leak(t::text)",
    "SELECT FROM {0} AS t WHERE EXISTS (SELECT WHERE pg_temp.leak(t::text))",
    "SELECT FROM (SELECT * FROM {0} OFFSET 0) AS t WHERE pg_temp.leak(row_to_json(t)::text)",
    "SELECT t::text FROM {0} AS t GROUP BY t::text HAVING pg_temp.leak(t::text)",
    "SELECT FROM {0} AS t ORDER BY pg_temp.leak(t::text)",
    "COPY (SELECT FROM {0} AS t WHERE pg_temp.leak(t::text)) TO STDOUT",
    "EXPLAIN (ANALYZE, VERBOSE) SELECT FROM {0} AS t WHERE pg_temp.leak(t::text)",
    "CREATE TEMP TABLE mine AS SELECT FROM {0} AS t WHERE pg_temp.leak(t::text)",
    "SELECT query_to_xml('SELECT FROM {0} AS t WHERE pg_temp.leak(t::text)', false, false, '')",
    "DO $$ BEGIN PERFORM FROM {0} AS t WHERE pg_temp.leak(t::text); END $$",
]


@pytest.mark.parametrize("query", QUERIES)
def test_a_function_of_the_client_s_own_sees_only_rows_that_are_a_s(
    prey: Prey, attacker: psycopg.Connection, query: str
) -> None:
    ear = Ear(attacker)
    attacker.execute(LEAK)
    for relation in relations(attacker):
        with attacker.transaction(force_rollback=True), attacker.cursor() as cursor:
            if query.startswith("COPY"):
                with cursor.copy(query.format(relation)) as out:  # type: ignore[arg-type]
                    list(out)
            else:
                cursor.execute(query.format(relation))  # type: ignore[arg-type]
        assert prey.told(ear.text()) == set(), relation
    # The trap works: of what it may see, the function sees the secrets.
    hold(attacker, prey.token_of_b())
    if not query.startswith("COPY"):
        attacker.execute(query.format("ledger.journal_lines"))  # type: ignore[arg-type]
        assert {NAME, SECRET[:7]} <= prey.told(ear.text())


@pytest.mark.parametrize("sample", ["BERNOULLI (100)", "SYSTEM (100)"])
def test_a_sample_of_a_table_is_of_a_s_rows(
    prey: Prey, attacker: psycopg.Connection, sample: str
) -> None:
    ear = Ear(attacker)
    attacker.execute(LEAK)
    tables = attacker.execute(
        "SELECT r.name FROM unnest(%s::text[]) AS r (name) INNER JOIN pg_class AS c"
        " ON c.oid = r.name::regclass AND c.relkind IN ('r', 'p')",
        [relations(attacker)],
    ).fetchall()
    assert len(tables) > 30
    for (table,) in tables:
        rows = attacker.execute(
            f"SELECT t::text FROM {table} AS t TABLESAMPLE {sample} WHERE pg_temp.leak(t::text)"  # type: ignore[arg-type]
        ).fetchall()
        assert prey.told(f"{rows} {ear.text()}") == set(), table


# Errors that name the value they are about.
CASTS = ["(t::text)::integer", "(t::text)::date", "(t::text)::uuid", "(t::text)::inet"]


@pytest.mark.parametrize("cast", CASTS)
def test_an_error_about_a_value_is_about_a_s(
    prey: Prey, attacker: psycopg.Connection, cast: str
) -> None:
    for token, secrets in ((prey.world.token(), False), (prey.token_of_b(), True)):
        hold(attacker, token)
        told: set[str] = set()
        for relation in relations(attacker):
            try:
                with attacker.transaction():
                    attacker.execute(f"SELECT FROM {relation} AS t WHERE {cast} IS NOT NULL")  # type: ignore[arg-type]
            except psycopg.Error as error:
                diag = error.diag
                told |= prey.told(f"{diag.message_primary} {diag.message_detail} {diag.context}")
        assert bool(told) is secrets


SAMPLES = {
    "text": "'x'",
    "numeric": "0.5",
    "uuid": f"'{'0' * 32}'",
    "date": "'2001-01-01'",
    "int4": "1",
}
ESTIMATORS = [
    ("eqsel", "eqjoinsel"),
    ("scalarltsel", "scalarltjoinsel"),
    ("likesel", "likejoinsel"),
]


@pytest.mark.parametrize(("restrict", "join"), ESTIMATORS)
def test_the_planner_shows_an_operator_of_the_client_s_no_value_of_its_statistics(
    prey: Prey, attacker: psycopg.Connection, restrict: str, join: str
) -> None:
    ear = Ear(attacker)
    for type_name in SAMPLES:
        attacker.execute(OPERATORS.format(type_name, restrict, join))  # type: ignore[arg-type]
    compared = 0
    for relation in relations(attacker):
        columns = [
            (column, f"{SAMPLES[type_name]}::{type_name}")
            for column, type_name in attacker.execute(COLUMNS, [relation]).fetchall()
            if type_name in SAMPLES
        ]
        compared += len(columns)
        for other in ("{1}", "u.{0}") if columns else ():
            conditions = " AND ".join(
                f"t.{column} OPERATOR(pg_temp.<<<) {other.format(column, sample)}"
                for column, sample in columns
            )
            attacker.execute(
                f"EXPLAIN SELECT FROM {relation} AS t, {relation} AS u WHERE {conditions}"
            )  # type: ignore[arg-type]
        assert prey.told(ear.text()) == set(), relation
    assert compared > 200


def test_the_planner_would_show_them_where_no_policy_holds(
    prey: Prey, watcher: psycopg.Connection
) -> None:
    ear = Ear(watcher)
    watcher.execute(OPERATORS.format("text", "eqsel", "eqjoinsel"))  # type: ignore[arg-type]
    column = f"ledger.journal_lines_{THIS_YEAR} AS t"
    condition = "t.counterparty OPERATOR(pg_temp.<<<) 'x'::text"
    watcher.execute(f"EXPLAIN SELECT FROM {column} WHERE {condition}")  # type: ignore[arg-type]
    assert NAME in prey.told(ear.text())


def test_the_plan_of_a_query_has_no_value_of_b(prey: Prey, attacker: psycopg.Connection) -> None:
    for relation in relations(attacker):
        for options in ("ANALYZE, VERBOSE, BUFFERS, SETTINGS", "VERBOSE, FORMAT JSON"):
            plan = attacker.execute(f"EXPLAIN ({options}) SELECT * FROM {relation}").fetchall()  # type: ignore[arg-type]
            assert prey.told(str(plan)) == set(), relation


PADS = re.compile("|".join(f"{bytes(b ^ pad for b in KEY).hex()}" for pad in (0x36, 0x5C)))


def test_what_the_server_prints_of_its_plans_has_no_signing_key_and_nothing_of_b(
    prey: Prey, attacker: psycopg.Connection
) -> None:
    """A client may have the server print how it plans the statements of the owner's functions."""
    ear = Ear(attacker)
    for name in ("debug_print_parse", "debug_print_rewritten", "debug_print_plan"):
        attacker.execute(f"SET LOCAL {name} = on")  # type: ignore[arg-type]
    attacker.execute("SET LOCAL plan_cache_mode = force_custom_plan")
    attacker.execute("SET LOCAL client_min_messages = debug5")
    attacker.execute(
        "SELECT ledger.create_journal_entry('MAIN', '2026-03-04', 'x', %s)",
        [json.dumps([{"account": "1110", "debit": "1"}, {"account": "4100", "credit": "1"}])],
    )
    attacker.execute("SELECT * FROM ledger.trial_balance()")
    text = ear.text()
    assert "outer_pad" in text
    # Constants are printed as the bytes of a datum, signed: one list a datum.
    printed = [
        bytes(int(byte) % 256 for byte in datum.split())
        for datum in re.findall(r"\[ ((?:-?\d+ )+)\]", text)
    ]
    assert len(printed) > 500
    assert not [datum for datum in printed if PADS.search(datum.hex())]
    assert not [datum for datum in printed if NAME.encode() in datum.upper()]
    # What the client itself asked about is among them.
    assert [datum for datum in printed if b"MAIN" in datum]


# Errors that say by occurring at all that a value is there.
GUESSES = [
    ("22012", "1 / (amount - {0})", "ledger.journal_lines"),
    ("22012", "1 / (amount - {0})", "ledger.all_journal_lines"),
    ("22012", "1 / (debit - {0})", "ledger.journal_entry_lines"),
    ("22012", "1 / (debit - {0})", "ledger.general_ledger"),
    ("22012", "1 / (debit - {0})", "ledger.journal_entry_details"),
    ("2201E", "ln(abs(amount - {0}))", "ledger.journal_lines"),
    (
        "22003",
        "(CASE amount WHEN {0} THEN amount END * 10 ^ 12)::core.amount",
        "ledger.journal_lines",
    ),
]


@pytest.mark.parametrize(("sqlstate", "expression", "relation"), GUESSES)
def test_an_error_that_a_guess_provokes_says_nothing_of_b(
    prey: Prey, attacker: psycopg.Connection, sqlstate: str, expression: str, relation: str
) -> None:
    guess = f"SELECT FROM {relation} WHERE {expression.format(SECRET)} IS NOT NULL"
    attacker.execute(guess)  # type: ignore[arg-type]
    hold(attacker, prey.token_of_b())
    throws(attacker, sqlstate, guess)


def estimate(conn: psycopg.Connection, column: str, text: str) -> int:
    """Return how many lines the planner believes to have a text."""
    query = f"EXPLAIN (FORMAT JSON) SELECT FROM ledger.journal_lines WHERE {column} = '{text}'"
    return int(value(conn, query)[0]["Plan"]["Plan Rows"])  # type: ignore[arg-type]


def test_an_estimate_tells_which_texts_are_common_until_their_statistics_are_off(
    prey: Prey, watcher: psycopg.Connection
) -> None:
    """What docs/security.md says of estimates, and the remedy that it gives."""
    hold(watcher, prey.world.token())
    with as_role(watcher, "pgerp_app"):
        assert estimate(watcher, "counterparty", NAME) > estimate(watcher, "counterparty", "ERSATZ")
        # What is rare is not among them, nor what is a number of money.
        assert estimate(watcher, "amount", SECRET) == estimate(watcher, "amount", "7.5")
    for (table,) in watcher.execute(
        "SELECT relid::regclass::text FROM pg_partition_tree('ledger.journal_lines')"
    ).fetchall():
        watcher.execute(f"ALTER TABLE {table} ALTER COLUMN counterparty SET STATISTICS 0")  # type: ignore[arg-type]
        watcher.execute(
            "DELETE FROM pg_statistic WHERE starelid = %s::regclass AND staattnum IN (SELECT attnum"
            " FROM pg_attribute WHERE attrelid = %s::regclass AND attname = 'counterparty')",
            [table, table],
        )
        watcher.execute(f"ANALYZE {table}")  # type: ignore[arg-type]
    with as_role(watcher, "pgerp_app"):
        assert estimate(watcher, "counterparty", NAME) == estimate(
            watcher, "counterparty", "ERSATZ"
        )
