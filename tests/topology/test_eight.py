"""The topology that pgerp comes with: eight databases end with the rows of a single one."""

from __future__ import annotations

from pgerp.db import connect
from tests.ledger.books import offenders
from tests.topology.compare_rows import contents, events
from tests.topology.scenario import STAFF, play, rows
from tests.topology.sites import Single, Spread
from tests.topology.test_finance import CACHE
from tests.topology.test_payroll_saga import sound

MODULES = ["identity", "hr", "payroll", "ledger"]


def test_one_database_and_eight_end_with_equal_rows(clone: str, all_eight: Spread) -> None:
    with connect(clone) as conn:
        one = Single(conn)
        single, apart = play(one), play(all_eight)
        assert apart.books() == single.books()
        assert apart.records() == single.records()
        for module in MODULES:
            here, there = contents(one, module), contents(all_eight, module)
            assert there.keys() == here.keys(), module
            for table, held in here.items():
                assert there[table] == held, table
        cached = rows(one.at("finance"), CACHE)
        assert len(cached) > 5 and rows(all_eight.at("finance"), CACHE) == cached
        assert events(all_eight, MODULES[1:]) == events(one, MODULES[1:])
        assert len(single.records()) == STAFF
        assert offenders(conn) == {}
    for module in ("hr", "payroll", "ledger", "finance"):
        sound(all_eight.at(module), module, "events")
