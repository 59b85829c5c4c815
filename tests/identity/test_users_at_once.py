"""Users in several sessions at once, and rights that were changed past the triggers."""

from __future__ import annotations

import psycopg
import pytest

from pgerp.db import connect
from tests.background import Background
from tests.identity.people import act_as, make_people, serve
from tests.identity.tokens import KEY
from tests.ledger.books import offenders
from tests.pgtap import as_role, results_eq, throws, value

ENDED = "ZI009"
GIVE = """INSERT INTO identity.user_roles (tenant_id, user_id, role_id)
    SELECT u.tenant_id, u.id, r.id FROM identity.users AS u, identity.roles AS r
    WHERE u.subject = 'ann' AND r.code = %s"""


def test_each_session_meets_the_end_of_a_user_at_its_next_statement(clone: str) -> None:
    with connect(clone) as boss, connect(clone) as worker:
        boss.execute("SELECT identity.add_signing_key('test', %s)", [KEY])
        tenant = value(boss, "SELECT identity.create_tenant('Tenant')")
        with boss.transaction():
            make_people(boss, tenant)
        with worker.transaction(), as_role(worker, "pgerp_app"):
            act_as(worker, tenant, "staff")
            assert value(worker, "SELECT count(*) FROM identity.users") == 3
            with boss.transaction():
                serve(boss, tenant)
                boss.execute("SELECT identity.deactivate_user('staff')")
            throws(worker, ENDED, "SELECT count(*) FROM identity.users")


@pytest.mark.parametrize("first_commits", [True, False])
def test_a_permission_is_taken_from_whom_the_role_is_being_given(
    clone: str, first_commits: bool
) -> None:
    with connect(clone) as giver, connect(clone) as taker, connect(clone) as observer:
        giver.execute("SELECT identity.add_signing_key('test', %s)", [KEY])
        tenant = value(giver, "SELECT identity.create_tenant('Tenant')")
        with giver.transaction():
            make_people(giver, tenant)
            giver.execute("SELECT identity.create_user('ann', 'Ann')")
        # By rows, past the locks that the functions take first.
        giver.execute("BEGIN")
        giver.execute(GIVE, ["staff"])
        waiting = Background(
            taker,
            lambda: taker.execute(
                "DELETE FROM identity.role_permissions WHERE permission = 'ledger.post'"
                " AND role_id = (SELECT id FROM identity.roles WHERE code = 'staff')"
            ),
        )
        assert waiting.waits(observer)
        giver.execute("COMMIT" if first_commits else "ROLLBACK")
        waiting.result()
        assert offenders(giver) == {}
        expected = (
            [("ledger.match",), ("messaging.send",), ("party.manage_customers",)]
            if first_commits
            else []
        )
        with giver.transaction():
            serve(giver, tenant)
            results_eq(giver, "SELECT identity.permissions_of_user('ann')", expected)


def test_two_roles_that_are_given_at_once_both_count(clone: str) -> None:
    with connect(clone) as one, connect(clone) as two, connect(clone) as observer:
        one.execute("SELECT identity.add_signing_key('test', %s)", [KEY])
        tenant = value(one, "SELECT identity.create_tenant('Tenant')")
        with one.transaction():
            make_people(one, tenant)
            one.execute("SELECT identity.create_user('ann', 'Ann')")
            one.execute("SELECT identity.create_role('sealer', 'Sealer', '{ledger.seal}')")
        one.execute("BEGIN")
        one.execute(GIVE, ["sealer"])
        waiting = Background(two, lambda: two.execute(GIVE, ["staff"]))
        assert waiting.waits(observer)
        one.execute("COMMIT")
        waiting.result()
        assert offenders(one) == {}


def test_a_check_finds_rights_that_were_changed_past_the_triggers(
    db: psycopg.Connection, people: int
) -> None:
    assert offenders(db) == {}
    with db.transaction(force_rollback=True):
        db.execute("UPDATE identity.subject_rights SET permissions = permissions || '[\"x\"]'")
        assert set(offenders(db)) == {"identity/subject_rights_equal_their_users"}
    db.execute("ALTER TABLE identity.users DISABLE TRIGGER users_rights")
    db.execute("UPDATE identity.users SET is_active = false WHERE subject = 'staff'")
    assert set(offenders(db)) == {"identity/subject_rights_equal_their_users"}
    db.execute("SET LOCAL session_replication_role = replica")
    db.execute("DELETE FROM identity.user_roles")
    db.execute("RESET session_replication_role")
    assert len(offenders(db)["identity/subject_rights_equal_their_users"]) == 3
