"""core.next_number: numbers without gaps, whoever rolls back and whoever asks at the same time."""

from __future__ import annotations

import psycopg
import pytest

from pgerp.db import connect
from tests.background import Background
from tests.pgtap import as_role, lacks_privilege, results_eq, throws, value

NEXT = "SELECT core.next_number(%s, %s, %s)"


@pytest.fixture
def tenant(db: psycopg.Connection) -> int:
    return value(db, "SELECT identity.create_tenant('Numbers')")


def test_numbers_count_from_1_in_each_series_of_each_business_of_each_tenant(
    db: psycopg.Connection, tenant: int
) -> None:
    other = value(db, "SELECT identity.create_tenant('Others')")
    series = [("invoice", 0, tenant), ("invoice", 1, tenant), ("receipt", 0, tenant)]
    series.append(("invoice", 0, other))
    for number in (1, 2, 3):
        assert [value(db, NEXT, one) for one in series] == [number] * 4


def test_a_number_that_was_rolled_back_is_given_again(db: psycopg.Connection, tenant: int) -> None:
    assert value(db, NEXT, ["invoice", 0, tenant]) == 1
    with db.transaction(force_rollback=True):
        assert value(db, NEXT, ["invoice", 0, tenant]) == 2
    assert value(db, NEXT, ["invoice", 0, tenant]) == 2


@pytest.mark.parametrize(("ending", "second"), [("COMMIT", 3), ("ROLLBACK", 2)])
def test_a_second_caller_waits_and_goes_on_from_where_the_first_ended(
    clone: str, ending: str, second: int
) -> None:
    with connect(clone) as first, connect(clone) as other, connect(clone) as observer:
        tenant = value(first, "SELECT identity.create_tenant('Numbers')")
        series = ["invoice", 0, tenant]
        assert value(first, NEXT, series) == 1
        first.execute("BEGIN")
        assert value(first, NEXT, series) == 2
        asking = Background(other, lambda: value(other, NEXT, series))
        assert asking.waits(observer)
        first.execute(ending)
        assert asking.result() is None
        assert asking.value == second


def test_a_second_caller_of_another_series_does_not_wait(clone: str) -> None:
    with connect(clone) as first, connect(clone) as other:
        tenant = value(first, "SELECT identity.create_tenant('Numbers')")
        first.execute("BEGIN")
        assert value(first, NEXT, ["invoice", 0, tenant]) == 1
        other.execute("SET lock_timeout = '5s'")
        assert value(other, NEXT, ["invoice", 1, tenant]) == 1
        assert value(other, NEXT, ["receipt", 0, tenant]) == 1
        first.execute("ROLLBACK")


def test_a_malformed_series_and_an_unknown_tenant_are_refused(
    db: psycopg.Connection, tenant: int
) -> None:
    throws(db, "23514", NEXT, [" invoice", 0, tenant])
    throws(db, "23502", NEXT, ["invoice", None, tenant])
    throws(db, "23503", NEXT, ["invoice", 0, tenant + 1], deferred=True)


def test_clients_cannot_take_numbers_nor_set_counters(db: psycopg.Connection) -> None:
    for role in ("pgerp_app", "pgerp_readonly", "pgerp_auditor"):
        signature = "function core.next_number(text, integer, integer)"
        lacks_privilege(db, role, "EXECUTE", signature)
        for privilege in ("SELECT", "INSERT", "UPDATE", "DELETE"):
            lacks_privilege(db, role, privilege, "table core.document_counters")


def test_the_owner_takes_numbers_of_the_tenant_that_it_entered_only(
    db: psycopg.Connection, tenant: int
) -> None:
    with as_role(db, "pgerp_owner"):
        throws(db, "42501", NEXT, ["invoice", 0, tenant])
        db.execute("SELECT set_config('pgerp.tenant_id', %s, true)", [str(tenant)])
        assert value(db, NEXT, ["invoice", 0, tenant]) == 1
        throws(db, "42501", NEXT, ["invoice", 0, tenant + 1])
    results_eq(
        db,
        "SELECT tenant_id, series::text, last_number FROM core.document_counters",
        [(tenant, "invoice", 1)],
    )


def test_a_counter_never_goes_below_zero(db: psycopg.Connection, tenant: int) -> None:
    throws(
        db,
        "23514",
        "INSERT INTO core.document_counters (tenant_id, series, last_number) VALUES (%s, 'x', -1)",
        [tenant],
    )
