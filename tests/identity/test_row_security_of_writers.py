"""Row security, were a client ever granted to write, and as the owner's functions meet it."""

from __future__ import annotations

import psycopg
import pytest

from tests.identity.conftest import World, hold
from tests.pgtap import as_role, results_eq, throws


@pytest.fixture
def writer(admin: psycopg.Connection, world: World) -> psycopg.Connection:
    """A session of pgerp_app, were it ever granted to write: the policies still hold."""
    admin.execute("GRANT INSERT, UPDATE, DELETE ON identity.users, ledger.accounts TO pgerp_app")
    admin.execute("GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA core, audit TO pgerp_app")
    # Whoever may write a table must be able to log it.
    admin.execute("GRANT INSERT ON audit.log TO pgerp_app")
    hold(admin, world.token(business=[1]))
    admin.execute("SET LOCAL ROLE pgerp_app")
    return admin


def test_rows_of_another_tenant_could_not_be_made(writer: psycopg.Connection, world: World) -> None:
    insert = "INSERT INTO identity.users (tenant_id, subject, name) VALUES (%s, 'eve', 'Eve')"
    writer.execute(insert, [world.ours])
    throws(writer, "42501", insert, [world.theirs])


def test_rows_of_another_tenant_could_not_be_changed_deleted_or_moved(
    writer: psycopg.Connection, world: World
) -> None:
    both = [world.ours, world.theirs]
    update = "UPDATE identity.users SET name = 'Eve' WHERE tenant_id = ANY (%s)"
    assert writer.execute(update, [both]).rowcount == 1
    throws(writer, "42501", "UPDATE identity.users SET tenant_id = %s", [world.theirs])
    # The user's access to both businesses goes too. Before PostgreSQL 18 the trigger that logs
    # that runs as the writer, who must be able to write of both.
    writer.execute("RESET ROLE")
    writer.cursor().executemany(
        "INSERT INTO identity.users (tenant_id, subject, name) VALUES (%s, 'zoe', 'Zoe')",
        [(tenant,) for tenant in both],
    )
    writer.execute("SET LOCAL ROLE pgerp_app")
    hold(writer, world.token())
    # Not Ursula, who answers for loans.
    assert writer.execute("DELETE FROM identity.users WHERE subject = 'zoe'").rowcount == 1
    writer.execute("RESET ROLE")
    results_eq(
        writer, "SELECT tenant_id FROM identity.users WHERE subject = 'zoe'", [(world.theirs,)]
    )


def test_rows_of_a_business_that_the_token_does_not_list_could_not_be_made_or_changed(
    writer: psycopg.Connection, world: World
) -> None:
    insert = (
        "INSERT INTO ledger.accounts (tenant_id, business_id, type_code, code, name)"
        " VALUES (%s, %s, 'ASSET', 'new', 'New')"
    )
    writer.execute(insert, [world.ours, 1])
    throws(writer, "42501", insert, [world.ours, 2])
    own = "UPDATE ledger.accounts SET name = 'Mine' WHERE code = %s"
    assert writer.execute(own, ["new"]).rowcount == 1
    assert writer.execute(own, ["1130"]).rowcount == 0


def test_the_owner_that_entered_a_tenant_makes_no_account_of_another(
    admin: psycopg.Connection, world: World
) -> None:
    insert = (
        "INSERT INTO ledger.accounts (tenant_id, type_code, code, name)"
        " VALUES (%s, 'ASSET', 'new', 'New')"
    )
    with as_role(admin, "pgerp_owner"):
        admin.execute("SELECT set_config('pgerp.tenant_id', %s, true)", [str(world.ours)])
        admin.execute(insert, [world.ours])
        throws(admin, "42501", insert, [world.theirs])
