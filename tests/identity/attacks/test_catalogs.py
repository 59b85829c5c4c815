"""What the system's own catalogs and statistics views tell a client of another tenant: nothing."""

from __future__ import annotations

import psycopg
import pytest

from tests.identity.attacks.prey import NAME, Prey
from tests.identity.conftest import hold
from tests.pgtap import as_role, throws, value
from tests.years import THIS_YEAR

READERS = ["pgerp_app", "pgerp_readonly", "pgerp_auditor", "pgerp_monitor"]

SYSTEM = """
SELECT c.oid::regclass::text FROM pg_class AS c
WHERE c.relnamespace IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
    AND c.relkind IN ('r', 'v') AND has_table_privilege(%s, c.oid, 'SELECT')
ORDER BY 1"""


@pytest.fixture
def measured(watcher: psycopg.Connection) -> psycopg.Connection:
    """A superuser's session, with extended statistics too, and those of an expression."""
    for name, columns, table in (
        ("plain", "name, subject", "identity.users"),
        ("whole", "counterparty, description", "ledger.journal_lines"),
        ("part", "counterparty, (description || '!')", f"ledger.journal_lines_{THIS_YEAR}"),
    ):
        watcher.execute(f"CREATE STATISTICS core.{name} (mcv) ON {columns} FROM {table}")  # type: ignore[arg-type]
    watcher.execute("CREATE INDEX expression_idx ON identity.users ((name || '!'))")
    watcher.execute("ANALYZE")
    return watcher


def system_says(conn: psycopg.Connection, role: str) -> dict[str, str]:
    """Return all rows of every catalog and system view that a role may read."""
    said = {}
    relations = conn.execute(SYSTEM, [role]).fetchall()
    with as_role(conn, role):
        for (relation,) in relations:
            try:
                with conn.transaction():
                    rows = conn.execute(f"SELECT t::text FROM {relation} AS t").fetchall()  # type: ignore[arg-type]
            except psycopg.Error as error:
                # Not for this role, or not on this machine.
                assert error.sqlstate == "42501" or relation.endswith("_numa"), (relation, error)
            else:
                said[relation] = "\n".join(row for (row,) in rows)
    return said


@pytest.mark.parametrize("role", READERS)
def test_no_catalog_or_system_view_has_anything_of_b(
    prey: Prey, measured: psycopg.Connection, role: str
) -> None:
    said = system_says(measured, role)
    assert len(said) > 150
    assert {name: told for name, text in said.items() if (told := prey.told(text))} == {}


def test_the_statistics_that_are_hidden_from_clients_have_it(
    prey: Prey, measured: psycopg.Connection
) -> None:
    said = system_says(measured, value(measured, "SELECT session_user::text"))
    assert {"pg_stats", "pg_stats_ext", "pg_stats_ext_exprs", "pg_statistic"} <= {
        name for name, text in said.items() if prey.told(text)
    }


def test_no_catalog_has_a_signing_key(
    attacker: psycopg.Connection, watcher: psycopg.Connection
) -> None:
    keys = watcher.execute("SELECT inner_pad, outer_pad FROM identity.signing_keys").fetchall()
    pads = [bytes(pad).hex() for key in keys for pad in key]
    assert len(pads) >= 2
    for relation, text in system_says(attacker, "pgerp_app").items():
        assert not [pad for pad in pads if pad in text], relation


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT last_value FROM {}",
        "SELECT nextval('{}')",
        "SELECT currval('{}')",
        "SELECT setval('{}', 1)",
        "SELECT lastval()",
    ],
)
def test_sequences_do_not_say_how_much_others_made(
    attacker: psycopg.Connection, statement: str
) -> None:
    attacker.execute(
        "SELECT ledger.create_journal_entry('MAIN', '2026-03-04', 'x',"
        ' \'[{"account": "1110", "debit": "1"}, {"account": "4100", "credit": "1"}]\')'
    )
    for sequence in ("ledger.entry_numbers", "identity.tenants_id_seq"):
        throws(attacker, "42501", statement.format(sequence))
        seen = attacker.execute(
            "SELECT last_value FROM pg_sequences"
            " WHERE format('%%I.%%I', schemaname, sequencename) = %s",
            [sequence],
        ).fetchall()
        assert seen == [(None,)]


QUERY = "SELECT query FROM pg_stat_activity WHERE pid = %s"


def test_a_token_in_the_text_of_a_statement_is_seen_by_sessions_of_the_same_login(
    prey: Prey, attacker: psycopg.Connection, watcher: psycopg.Connection
) -> None:
    """What docs/security.md warns of; passed as a parameter it is in no statement."""
    token = prey.token_of_b()
    with prey.client() as other:
        other.execute(f"SET LOCAL pgerp.token = '{token}'")  # type: ignore[arg-type]
        assert token in value(attacker, QUERY, [other.info.backend_pid])
        for role in READERS:
            with as_role(watcher, role):
                assert "ey" not in value(watcher, QUERY, [other.info.backend_pid])
        hold(other, token)
        attacker.execute("SELECT pg_stat_clear_snapshot()")
        assert value(attacker, QUERY, [other.info.backend_pid]) == (
            "SELECT set_config('pgerp.token', $1, true)"
        )
        activity = attacker.execute("SELECT t::text FROM pg_stat_activity AS t").fetchall()
        assert token.split(".")[2] not in str(activity)


def test_what_b_writes_is_seen_in_no_view_of_activity(prey: Prey) -> None:
    views = [
        "pg_stat_activity",
        "pg_locks",
        "pg_prepared_xacts",
        "pg_cursors",
        "pg_prepared_statements",
    ]
    with prey.client(prey.token_of_b()) as other, prey.client() as attacker:
        other.execute("PREPARE mine AS SELECT name FROM identity.users WHERE name = 'XANADU'")
        other.execute(
            "DECLARE mine CURSOR FOR SELECT name FROM identity.users WHERE name = 'XANADU'"
        )
        other.execute("SELECT name FROM identity.users WHERE name = %s", [NAME])
        for view in views:
            rows = attacker.execute(f"SELECT t::text FROM {view} AS t").fetchall()  # type: ignore[arg-type]
            assert prey.told(str(rows)) == set(), view
        assert prey.told(str(other.execute("SELECT t::text FROM pg_cursors AS t").fetchall()))


def test_system_columns_are_of_rows_that_are_a_s(
    prey: Prey, attacker: psycopg.Connection, watcher: psycopg.Connection
) -> None:
    """By its place a row of B is not found, nor by another's transaction."""
    hidden = watcher.execute(
        "SELECT ctid::text, xmin::text FROM identity.users WHERE tenant_id = %s",
        [prey.world.theirs],
    ).fetchall()
    assert hidden
    for ctid, xmin in hidden:
        for condition in (f"ctid = '{ctid}'", f"xmin = '{xmin}'::xid"):
            rows = attacker.execute(
                f"SELECT tenant_id FROM identity.users WHERE {condition}"  # type: ignore[arg-type]
            ).fetchall()
            assert (prey.world.theirs,) not in rows


def test_whole_schemas_as_xml_are_a_s(prey: Prey, attacker: psycopg.Connection) -> None:
    try:
        with attacker.transaction():
            attacker.execute("SELECT '<a/>'::xml")
    except psycopg.errors.FeatureNotSupported:
        pytest.skip("the server is built without libxml (--pg system may be with it)")
    for schema in ("identity", "finance", "ledger"):
        text = value(attacker, "SELECT schema_to_xml(%s, true, false, '')::text", [schema])
        assert prey.told(text) == set()
        assert len(text) > 1000
