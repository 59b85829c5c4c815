"""Objects of a client's own, and what they could be put in the place of or made to call."""

from __future__ import annotations

import psycopg
import pytest

from tests.identity.attacks.prey import NAME, Prey
from tests.identity.conftest import World, hold
from tests.identity.reach import FUNCTIONS, RELATIONS
from tests.identity.tokens import claims, sign
from tests.pgtap import as_role, is_empty, results_eq, throws, value

MALLORY = b"mallory's own key of 32 bytes...."

TRIGGER_FUNCTIONS = """
SELECT p.oid::regprocedure::text FROM pg_proc AS p
WHERE p.prorettype = 'trigger'::regtype
    AND p.pronamespace::regnamespace::text !~ '^(pg_|information_schema$)'
ORDER BY 1"""

INTERNAL = """
SELECT p.oid::regprocedure::text FROM pg_proc AS p
WHERE p.pronamespace::regnamespace::text !~ '^(pg_|information_schema$|pgerp$|public$)'
    AND NOT has_function_privilege('pgerp_app', p.oid, 'EXECUTE')
    AND p.prorettype <> 'trigger'::regtype
    -- Of the others a plan leaves out what has a NULL for an argument.
    AND NOT p.proisstrict AND NOT p.proretset
ORDER BY 1"""


def test_no_trigger_function_of_ours_works_on_a_table_of_the_client_s(
    attacker: psycopg.Connection,
) -> None:
    """It would take the tenant to enter from a row that the client wrote."""
    attacker.execute("CREATE TEMP TABLE mine (tenant_id integer, id uuid, entry_id uuid)")
    functions = [name for (name,) in attacker.execute(TRIGGER_FUNCTIONS).fetchall()]
    assert len(functions) > 30
    for function in functions:
        for when in ("BEFORE", "AFTER"):
            throws(
                attacker,
                "42501",
                f"CREATE TRIGGER mine {when} INSERT ON mine"
                f" FOR EACH ROW EXECUTE FUNCTION {function}",
            )


INDIRECT = [
    "SELECT WHERE {call} IS NULL",
    "CREATE TEMP TABLE t AS SELECT WHERE {call} IS NULL",
    "DO $$ BEGIN PERFORM {call}; END $$",
    (
        "CREATE FUNCTION pg_temp.f() RETURNS void LANGUAGE sql SECURITY DEFINER"
        " AS 'SELECT WHERE {call} IS NULL'; SELECT pg_temp.f()"
    ),
    "CREATE TEMP VIEW v AS SELECT WHERE {call} IS NULL; SELECT FROM v",
    "CREATE TEMP TABLE t (x boolean DEFAULT ({call} IS NULL)); INSERT INTO t DEFAULT VALUES",
    "CREATE TEMP TABLE t (x text CHECK ({call} IS NULL)); INSERT INTO t VALUES ('x')",
    (
        "CREATE TEMP TABLE t (x integer); CREATE RULE r AS ON INSERT TO t DO INSTEAD"
        " SELECT WHERE {call} IS NULL; INSERT INTO t VALUES (1)"
    ),
    "CREATE DOMAIN pg_temp.d AS text CHECK ({call} IS NULL); SELECT 'x'::pg_temp.d",
    "PREPARE p AS SELECT WHERE {call} IS NULL; EXECUTE p",
    "EXPLAIN ANALYZE SELECT WHERE {call} IS NULL",
    (
        "CREATE OPERATOR pg_temp.!! (FUNCTION = identity.enter_tenant, LEFTARG = integer,"
        " RIGHTARG = text)"
    ),
    "CREATE AGGREGATE pg_temp.a (text) (SFUNC = identity.enter_tenant, STYPE = integer)",
    (
        "CREATE CAST (ledger.journal_entries AS text)"
        " WITH FUNCTION ledger.require_sound_entry(ledger.journal_entries)"
    ),
]


@pytest.mark.parametrize("statement", INDIRECT)
def test_nothing_of_the_client_s_calls_a_function_that_it_may_not_call(
    attacker: psycopg.Connection, statement: str
) -> None:
    internal = [name for (name,) in attacker.execute(INTERNAL)]
    assert {"identity.enter_tenant(integer,text)", "core.secure_table(regclass)"} <= set(internal)
    for signature in internal:
        name, _, types = signature.rstrip(")").partition("(")
        nulls = ", ".join(f"NULL::{one}" for one in types.split(",") if one)
        throws(attacker, "42501", statement.replace("{call}", f"{name}({nulls})"))
        attacker.execute("DEALLOCATE ALL")


def test_a_function_of_the_client_s_that_runs_as_its_owner_runs_as_the_client(
    prey: Prey, attacker: psycopg.Connection
) -> None:
    attacker.execute(
        "CREATE FUNCTION pg_temp.mine() RETURNS text LANGUAGE sql SECURITY DEFINER AS"
        " 'SELECT concat(current_user, (SELECT string_agg(t::text, '''')"
        " FROM ledger.accounts AS t))'"
    )
    seen = value(attacker, "SELECT pg_temp.mine()")
    assert seen.startswith(prey.world.login)
    assert prey.told(seen) == set()


def test_tables_of_the_client_s_of_our_names_are_not_used_by_functions_of_the_owner(
    prey: Prey, attacker: psycopg.Connection
) -> None:
    """Signing keys, users, rates: each table shadowed, first in the client's own search path."""
    for (relation,) in attacker.execute(RELATIONS).fetchall():
        name = relation.split(".")[1]
        attacker.execute(f"CREATE TEMP TABLE IF NOT EXISTS {name} (LIKE {relation})")  # type: ignore[arg-type]
    attacker.execute(
        "CREATE TEMP TABLE signing_keys AS SELECT 'mine' AS kid, sha256('') AS inner_pad,"
        " sha256('') AS outer_pad, NULL::timestamptz AS retired_at"
    )
    attacker.execute("CREATE TEMP TABLE subject_rights (LIKE identity.users)")
    attacker.execute("SET LOCAL search_path = pg_temp, identity, ledger, finance, core")
    results_eq(attacker, "SELECT count(*) FROM accounts", [(0,)])
    assert value(attacker, "SELECT sum(debit) FROM ledger.trial_balance()") > 0
    assert value(
        attacker,
        "SELECT ledger.create_journal_entry('MAIN', '2026-03-04', 'x',"
        ' \'[{"account": "1110", "debit": "1"}, {"account": "4100", "credit": "1"}]\')',
    )
    results_eq(attacker, "SELECT count(*) FROM journal_entries", [(0,)])
    hold(attacker, sign(claims(prey.world.theirs), MALLORY))
    throws(attacker, "ZI002", "SELECT FROM ledger.accounts")


def test_operators_and_functions_of_the_client_s_own_schema_are_not_used_by_ours(
    prey: Prey, watcher: psycopg.Connection
) -> None:
    """Where a client was given a schema: its = says yes to everything, and comes first."""
    world: World = prey.world
    watcher.execute(f"CREATE SCHEMA theirs AUTHORIZATION {world.login}")  # type: ignore[arg-type]
    hold(watcher, world.token())
    with as_role(watcher, world.login):
        for type_name in ("integer", "text", "uuid", "jsonb", "bytea"):
            watcher.execute(
                f"CREATE FUNCTION theirs.yes({type_name}, {type_name}) RETURNS boolean"  # type: ignore[arg-type]
                " LANGUAGE sql AS 'SELECT true';"
                f"CREATE OPERATOR theirs.= (FUNCTION = theirs.yes, LEFTARG = {type_name},"
                f" RIGHTARG = {type_name})"
            )
        watcher.execute(
            "CREATE FUNCTION theirs.set_config(text, text, boolean) RETURNS text LANGUAGE sql"
            f" AS $$ SELECT pg_catalog.set_config('pgerp.tenant_id', '{world.theirs}', true) $$;"
            "CREATE FUNCTION theirs.current_setting(text, boolean) RETURNS text LANGUAGE sql"
            f" AS $$ SELECT '{world.theirs}'::text $$;"
            "SET LOCAL search_path = theirs, pg_catalog"
        )
        assert value(watcher, "SELECT 1 = 2") is True
        for (relation,) in watcher.execute(RELATIONS).fetchall():
            found = watcher.execute(f"SELECT t::text FROM {relation} AS t").fetchall()  # type: ignore[arg-type]
            assert prey.told(str(found)) == set(), relation
        assert prey.told(str(watcher.execute("SELECT ledger.trial_balance()").fetchall())) == set()
        watcher.execute("SELECT ledger.create_account('9999', 'Mine', 'ASSET')")
        results_eq(
            watcher,
            "SELECT tenant_id FROM ledger.accounts WHERE code::text LIKE '9999'",
            [(world.ours,)],
        )


OUTSIDE = [
    "SELECT pg_ls_dir('.')",
    "SELECT pg_read_binary_file('PG_VERSION')",
    "SELECT pg_stat_file('PG_VERSION')",
    "SELECT pg_ls_logdir()",
    "SELECT lo_import('/etc/passwd')",
    "SELECT lo_export(1, '/tmp/pgerp-attack')",
    "COPY identity.users FROM '/etc/passwd'",
    "COPY (SELECT 1) TO '/tmp/pgerp-attack'",
    "COPY (SELECT 1) TO PROGRAM 'cat'",
    "CREATE FOREIGN DATA WRAPPER mine",
    "CREATE SUBSCRIPTION mine CONNECTION 'dbname=x' PUBLICATION p WITH (connect = false)",
    "CREATE PUBLICATION mine FOR ALL TABLES",
    "CREATE EVENT TRIGGER mine ON ddl_command_start EXECUTE FUNCTION pg_temp.f()",
    "CREATE ROLE mine",
    "CREATE SCHEMA mine",
    "SELECT pg_reload_conf()",
    "SELECT pg_create_logical_replication_slot('mine', 'test_decoding')",
    "LOAD 'auto_explain'",
    "SET log_min_duration_statement = 0",
    "SET log_parameter_max_length = -1",
    "ALTER ROLE pgerp_app SET search_path = pg_temp",
    "COMMENT ON TABLE identity.users IS 'Mine'",
    "REFRESH MATERIALIZED VIEW ledger.mv_monthly_balances",
    "SELECT FROM ledger.mv_monthly_balances",
    "SELECT FROM ledger.mv_daily_cash",
]


@pytest.mark.parametrize("statement", OUTSIDE)
def test_the_way_round_by_files_servers_and_settings_is_closed(
    attacker: psycopg.Connection, statement: str
) -> None:
    if "EVENT TRIGGER" in statement:
        attacker.execute(
            "CREATE FUNCTION pg_temp.f() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'"
        )
    throws(attacker, "42501", statement)


def test_no_client_installs_an_extension(attacker: psycopg.Connection) -> None:
    """Neither dblink, which connects elsewhere, nor any other that the server has."""
    available = attacker.execute(
        "SELECT name FROM pg_available_extensions WHERE installed_version IS NULL"
    ).fetchall()
    assert available
    for (name,) in available:
        throws(attacker, "42501", f'CREATE EXTENSION "{name}" CASCADE')


def test_large_objects_and_notifications_carry_nothing_of_ours(watcher: psycopg.Connection) -> None:
    """Neither knows tenants: pgerp uses neither, nor advisory locks, which clients may take."""
    is_empty(
        watcher,
        r"""SELECT p.oid::regprocedure FROM pg_proc AS p
        WHERE p.pronamespace::regnamespace::text !~ '^(pg_|information_schema$)'
            -- Wake-ups for workers, with a tenant's number and no more.
            AND p.oid NOT IN (
                'events.land()'::regprocedure, 'messaging.wake_workers(integer)'::regprocedure
            )
            AND p.prosrc ~* '\m(lo_\w+|pg_notify|notify|listen|pg_\w*advisory\w*)\M'""",
    )
    results_eq(watcher, "SELECT count(*) FROM pg_largeobject_metadata", [(0,)])


def test_a_large_object_is_its_login_s_alone(
    prey: Prey, attacker: psycopg.Connection, watcher: psycopg.Connection
) -> None:
    attacker.execute("SELECT lo_from_bytea(4711, %s)", [NAME.encode()])
    attacker.execute("SET LOCAL ROLE pgerp_app")
    throws(attacker, "42501", "SELECT lo_get(4711)")


def test_no_client_holds_a_lock_on_a_table_that_would_stop_the_others(
    attacker: psycopg.Connection,
) -> None:
    for (relation,) in attacker.execute(RELATIONS).fetchall():
        for mode in ("ROW SHARE", "ROW EXCLUSIVE", "SHARE", "EXCLUSIVE", "ACCESS EXCLUSIVE"):
            throws(attacker, "42501", f"LOCK TABLE {relation} IN {mode} MODE NOWAIT")


def test_all_advisory_locks_in_a_client_s_hands_stop_no_function(
    prey: Prey, attacker: psycopg.Connection
) -> None:
    """The runner's lock is one of them: a client can keep `pgerp up` waiting, which names it."""
    from pgerp.lock import KEY

    for key in (KEY, *range(-50, 50)):
        attacker.execute("SELECT pg_advisory_xact_lock(%s)", [key])
    with prey.client() as other:
        other.execute("SET LOCAL lock_timeout = '1s'")
        other.execute(
            "SELECT ledger.create_journal_entry('MAIN', '2026-03-04', 'x',"
            ' \'[{"account": "1110", "debit": "1"}, {"account": "4100", "credit": "1"}]\')'
        )
        assert len(other.execute(FUNCTIONS).fetchall()) > 80
