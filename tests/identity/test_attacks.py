"""What a client with a database login tries in order to be more than a client."""

from __future__ import annotations

import psycopg
import pytest

from tests.identity.conftest import World, hold
from tests.pgtap import as_role, results_eq, throws, value

SPY = """
CREATE FUNCTION pg_temp.spy(p_value {type}) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM set_config('spy.user', current_user::text, true);
    RETURN true;
END $$;
CREATE DOMAIN pg_temp.{type} AS pg_catalog.{type} CHECK (pg_temp.spy(VALUE));
"""


@pytest.mark.parametrize("role", ["pgerp_owner", "pgerp_migrator", "pgerp_backup", "postgres"])
def test_it_cannot_become_another_role(client: psycopg.Connection, role: str) -> None:
    throws(client, "42501", f"SET ROLE {role}")
    throws(client, "42501", f"SET SESSION AUTHORIZATION {role}")
    throws(client, "42501", "SELECT set_config('role', %s, true)", [role])


@pytest.mark.parametrize("setting", ["session_replication_role = replica", "log_statement = none"])
def test_it_cannot_switch_triggers_or_logs_off(client: psycopg.Connection, setting: str) -> None:
    throws(client, "42501", f"SET {setting}")


def test_switching_row_security_off_ends_in_an_error(client: psycopg.Connection) -> None:
    client.execute("SET LOCAL row_security = off")
    throws(client, "42501", "SELECT FROM identity.users")


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE identity.users DISABLE ROW LEVEL SECURITY",
        "DROP POLICY client_isolation ON identity.users",
        "ALTER TABLE ledger.journal_entries DISABLE TRIGGER ALL",
        "CREATE TABLE ledger.mine (id integer)",
        "CREATE FUNCTION core.mine() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
        "ALTER FUNCTION identity.current_tenant() RENAME TO former_tenant",
        "CREATE TABLE public.mine (id integer)",
        "SELECT pg_read_file('PG_VERSION')",
        "COPY identity.users TO PROGRAM 'cat'",
        "SELECT inner_pad FROM identity.signing_keys",
        "SELECT FROM core.document_counters",
        "SELECT FROM ledger.idempotency_keys",
        "SELECT core.next_number('business', 0, 1)",
        "SELECT core.apply_row_security()",
        "SELECT identity.issue_token(1)",
    ],
)
def test_it_cannot_take_down_a_guard_nor_look_behind_one(
    client: psycopg.Connection, statement: str
) -> None:
    throws(client, "42501", statement)


@pytest.mark.parametrize("type_name", ["jsonb", "text", "uuid", "bytea", "date"])
def test_a_temporary_type_of_a_built_in_name_is_not_used_by_functions_of_the_owner(
    client: psycopg.Connection, world: World, type_name: str
) -> None:
    client.execute(SPY.format(type=type_name))
    # The trap works: whoever looks there first falls into it.
    client.execute(f"SELECT NULL::{type_name}")
    assert value(client, "SELECT current_setting('spy.user')") == world.login
    client.execute("SELECT set_config('spy.user', '', true)")
    client.execute("SELECT identity.create_business('SPY', 'Spy', 'USD')")
    client.execute("SELECT ledger.create_fiscal_year('SPY', '2026-01-01')")
    client.execute(
        "SELECT ledger.create_journal_entry('SPY', '2026-03-04', 'x', '[{\"account\": \"1110\","
        ' "debit": "1"}, {"account": "4100", "credit": "1"}]\'::pg_catalog.jsonb)'
    )
    assert value(client, "SELECT current_setting('spy.user')") == ""


def test_an_operator_of_its_own_does_not_answer_which_tenant_it_is(
    admin: psycopg.Connection, client: psycopg.Connection, world: World
) -> None:
    admin.execute(f"CREATE SCHEMA theirs AUTHORIZATION {world.login}")
    hold(admin, world.token())
    with as_role(admin, world.login):
        admin.execute(
            f"CREATE FUNCTION theirs.answer(jsonb, text) RETURNS text LANGUAGE sql"
            f" AS $$ SELECT '{world.theirs}' $$;"
            "CREATE OPERATOR theirs.->> (FUNCTION = theirs.answer, LEFTARG = jsonb,"
            " RIGHTARG = text);"
            "SET LOCAL search_path = theirs, pg_catalog"
        )
        assert value(admin, "SELECT '{}'::jsonb ->> 'tenant'") == str(world.theirs)
        assert value(admin, "SELECT identity.current_tenant()") == world.ours
        results_eq(admin, "SELECT id FROM identity.tenants", [(world.ours,)])


def test_a_leaky_function_in_a_query_sees_no_other_tenant_s_row(
    client: psycopg.Connection, world: World
) -> None:
    client.execute(
        """CREATE FUNCTION pg_temp.leak(p_text text) RETURNS boolean
        LANGUAGE plpgsql COST 0.0000001 AS $$
        BEGIN
            PERFORM set_config(
                'leak.seen', concat(current_setting('leak.seen', true), p_text), true
            );
            RETURN true;
        END $$"""
    )
    client.execute("SELECT FROM identity.users WHERE pg_temp.leak(name)")
    assert value(client, "SELECT current_setting('leak.seen')") == "Ursula of Ours"


def test_reading_backslashes_as_escapes_changes_no_function(
    client: psycopg.Connection, world: World
) -> None:
    client.execute("SET LOCAL standard_conforming_strings = off")
    hold(client, world.token(business=[1]))
    assert value(client, "SELECT identity.current_businesses()") == [1]
    hold(client, world.token(business=["1"]))
    throws(client, "ZI002", "SELECT identity.current_businesses()")
