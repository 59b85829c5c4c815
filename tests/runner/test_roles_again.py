"""sql/roles.sql on a server of its own: what it makes, what it takes back, and what it leaves."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from pgerp import catalog
from pgerp.config import build_url
from pgerp.db import connect, parse_url
from pgerp.errors import PgerpError
from tests.runner.journals import ask, run
from tests.servers import Server, Unavailable, start

OURS = "^pgerp_(owner|migrator|app|readonly|auditor|monitor|backup|service.*)$"


@pytest.fixture(scope="module")
def alone(pytestconfig: pytest.Config, scratch: Path, worker_id: str) -> Server:
    """A server without any role of pgerp, of the kind that the tests run on."""
    kind = pytestconfig.option.pg
    if kind not in ("embedded", "embedded16", "system"):
        pytest.skip(f"--pg {kind}: the server's roles belong to others too")
    folder = scratch / f"roles-{worker_id}"
    folder.mkdir()
    folder.chmod(0o755)
    try:
        return start(kind, folder)[0]
    except Unavailable as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def first(alone: Server) -> str:
    """The database that the first `up` on the server ran on, as a login that is no superuser."""
    ask(alone.url, "CREATE ROLE boss LOGIN CREATEROLE CREATEDB")
    ask(alone.url, "CREATE DATABASE first OWNER boss")
    url = alone.database("first")
    assert run(as_login(url, "boss"), "up").exit_code == 0
    return url


@pytest.fixture(scope="module")
def made(alone: Server, first: str) -> str:
    """A database that `up` made on the same server, as a superuser; each test puts it right."""
    ask(alone.url, "CREATE DATABASE made")
    url = alone.database("made")
    assert run(url, "up").exit_code == 0
    return url


def as_login(url: str, role: str) -> str:
    return build_url({**parse_url(url), "user": role})


def snapshot(url: str) -> dict[str, Any]:
    """Return all that the files declare: roles, memberships, the database, every privilege."""
    with connect(url) as conn:
        found: dict[str, Any] = {**catalog.snapshot(conn)}
        for query in (
            f"SELECT to_jsonb(r) - 'oid' FROM pg_roles AS r WHERE rolname ~ '{OURS}'",
            f"""SELECT roleid::regrole, member::regrole, admin_option
            FROM pg_auth_members WHERE member::regrole::text ~ '{OURS}'""",
            """SELECT grantee::regrole, privilege_type FROM pg_database, aclexplode(datacl)
            WHERE datname = current_database()""",
            """SELECT defaclrole::regrole, defaclnamespace, defaclobjtype, grantee, privilege_type
            FROM pg_default_acl, aclexplode(defaclacl)""",
        ):
            found[query] = sorted(map(str, conn.execute(query.encode())))
    return found


def put_right(url: str) -> None:
    assert run(url, "repair", "--reason", "by hand", "--reapply").exit_code == 0
    assert run(url, "up").exit_code == 0


def test_a_login_that_may_make_roles_is_enough_for_the_first_up(alone: Server, first: str) -> None:
    boss = as_login(first, "boss")
    assert run(boss, "up").stdout == "nothing to do\n"
    put_right(boss)
    assert run(boss, "status").exit_code == 0


def test_all_of_it_applied_again_changes_nothing(made: str) -> None:
    before = snapshot(made)
    assert run(made, "up").stdout == "nothing to do\n"
    put_right(made)
    assert snapshot(made) == before


@pytest.mark.parametrize(
    "by_hand",
    [
        "ALTER ROLE pgerp_app SUPERUSER",
        "ALTER ROLE pgerp_service_payroll CREATEROLE CREATEDB",
        "ALTER ROLE pgerp_service_payroll BYPASSRLS REPLICATION",
        "ALTER ROLE pgerp_service_payroll NOINHERIT",
        "GRANT pgerp_owner TO pgerp_service_payroll",
        "GRANT pgerp_app TO pgerp_service",
        "GRANT pgerp_owner TO pgerp_migrator WITH ADMIN OPTION",
        "REVOKE pgerp_service FROM pgerp_service_payroll GRANTED BY boss",
        "GRANT TEMPORARY ON DATABASE {database} TO PUBLIC",
        "GRANT CONNECT ON DATABASE {database} TO PUBLIC",
        "GRANT CREATE ON DATABASE {database} TO pgerp_service_payroll",
        "REVOKE CONNECT ON DATABASE {database} FROM pgerp_service",
        "GRANT CREATE ON SCHEMA public TO PUBLIC",
        "GRANT UPDATE (name) ON identity.users TO pgerp_service_payroll",
        "GRANT EXECUTE ON FUNCTION ledger.seal TO pgerp_service_payroll",
        "GRANT SELECT ON ALL TABLES IN SCHEMA ledger TO PUBLIC",
        "REVOKE SELECT ON ledger.accounts FROM pgerp_service_accounting",
        "ALTER DEFAULT PRIVILEGES FOR ROLE pgerp_owner GRANT SELECT ON TABLES TO PUBLIC",
        "ALTER DEFAULT PRIVILEGES FOR ROLE pgerp_owner GRANT USAGE ON SCHEMAS TO pgerp_app",
        "ALTER DEFAULT PRIVILEGES FOR ROLE pgerp_owner IN SCHEMA core GRANT ALL ON TABLES TO boss",
        "ALTER DEFAULT PRIVILEGES FOR ROLE pgerp_migrator GRANT EXECUTE ON FUNCTIONS TO PUBLIC",
        "ALTER DEFAULT PRIVILEGES FOR ROLE pgerp_owner GRANT USAGE ON TYPES TO pgerp_app",
        "DROP OWNED BY pgerp_service_procurement; DROP ROLE pgerp_service_procurement",
    ],
)
def test_what_was_done_by_hand_is_put_right(made: str, by_hand: str) -> None:
    before = snapshot(made)
    ask(made, by_hand.format(database=parse_url(made)["dbname"]))
    assert snapshot(made) != before
    put_right(made)
    assert snapshot(made) == before


def test_default_privileges_on_large_objects_are_taken_back(made: str) -> None:
    with connect(made) as conn:
        if conn.info.server_version < 180000:
            pytest.skip("PostgreSQL 18 is the first that has them")
        conn.execute(
            "ALTER DEFAULT PRIVILEGES FOR ROLE pgerp_owner GRANT SELECT ON LARGE OBJECTS TO PUBLIC"
        )
    put_right(made)
    assert ask(made, "SELECT FROM pg_default_acl WHERE defaclobjtype = 'L'") == []


def test_verify_changes_no_role_for_its_scratch_database(made: str) -> None:
    ask(made, "GRANT pgerp_owner TO pgerp_service_payroll")
    before = snapshot(made)
    assert run(made, "verify").exit_code == 0
    assert snapshot(made) == before
    put_right(made)


def test_whether_a_role_may_log_in_and_what_copies_need_is_left_to_operators(made: str) -> None:
    ask(made, "ALTER ROLE pgerp_backup REPLICATION; ALTER ROLE pgerp_service_billing NOLOGIN")
    before = snapshot(made)
    put_right(made)
    assert snapshot(made) == before
    ask(made, "ALTER ROLE pgerp_backup NOREPLICATION; ALTER ROLE pgerp_service_billing LOGIN")


def test_strangers_are_not_let_in_and_members_make_no_temporary_objects(made: str) -> None:
    with stranger(made) as (login, url):
        with pytest.raises(PgerpError) as refusal:
            connect(url)
        assert refusal.value.sqlstate == "42501"
        ask(made, f"GRANT pgerp_service_payroll TO {login}")
        with connect(url) as conn:
            for statement in (
                "CREATE TEMPORARY TABLE mine (id integer)",
                "CREATE FUNCTION pg_temp.mine() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
                "CREATE TABLE public.mine (id integer)",
            ):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    conn.execute(statement.encode())
            assert conn.execute("SELECT count(*) FROM identity.users").fetchone() == (0,)


def test_who_has_anything_in_the_database_keeps_what_public_had(made: str) -> None:
    ask(made, f"GRANT CONNECT, TEMPORARY ON DATABASE {parse_url(made)['dbname']} TO PUBLIC")
    with stranger(made) as (login, url):
        ask(made, f"CREATE SCHEMA shop AUTHORIZATION {login}")
        put_right(made)
        with connect(url) as conn:
            conn.execute("CREATE TEMPORARY TABLE mine (id integer)")


@contextlib.contextmanager
def stranger(url: str) -> Iterator[tuple[str, str]]:
    login = f"stranger_{uuid.uuid4().hex[:12]}"
    ask(url, f"CREATE ROLE {login} LOGIN")
    yield login, as_login(url, login)
    ask(url, f"DROP OWNED BY {login} CASCADE")
    ask(url, f"DROP ROLE {login}")


@pytest.mark.parametrize("role", ["pgerp_owner", "pgerp_migrator"])
def test_what_a_migrator_makes_is_for_nobody_else(made: str, role: str) -> None:
    with stranger(made) as (login, url), connect(made) as conn:
        ask(made, f"GRANT pgerp_service_billing TO {login}")
        conn.execute(f"SET ROLE {role}".encode())
        conn.execute(
            "CREATE FUNCTION core.f() RETURNS integer LANGUAGE sql AS 'SELECT 1';"
            "CREATE TYPE core.t AS ENUM ('a'); CREATE DOMAIN core.d AS text;"
            "CREATE TABLE core.r (id integer); CREATE SEQUENCE core.s; CREATE SCHEMA made;"
            "CREATE FUNCTION made.g() RETURNS integer LANGUAGE sql AS 'SELECT 1';"
            "SELECT lo_create(4711)"
        )
        with connect(url) as client:
            for statement in (
                "SELECT core.f()",
                "CREATE TEMPORARY TABLE mine (c core.t)",
                "SELECT FROM core.r",
                "SELECT nextval('core.s')",
                "SELECT made.g()",
                "SELECT lo_get(4711)",
            ):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    client.execute(statement.encode())
        for kind in ("t", "d"):
            assert ask(made, f"SELECT has_type_privilege('{login}', 'core.{kind}', 'USAGE')") == [
                (False,)
            ]
        conn.execute(
            "DROP FUNCTION core.f(); DROP TABLE core.r; DROP SEQUENCE core.s; DROP TYPE core.t;"
            "DROP DOMAIN core.d; DROP SCHEMA made CASCADE; SELECT lo_unlink(4711)"
        )


def test_public_is_shown_with_what_it_has(made: str) -> None:
    name = parse_url(made)["dbname"]
    block = run(made, "roles").stdout.split("PUBLIC:")[1].splitlines()[1:]
    assert block == []
    ask(made, f"GRANT TEMPORARY ON DATABASE {name} TO PUBLIC; GRANT USAGE ON SCHEMA core TO PUBLIC")
    block = run(made, "roles").stdout.split("PUBLIC:")[1].splitlines()[1:]
    assert block == ["  database: TEMPORARY", "  core: USAGE"]
    put_right(made)
