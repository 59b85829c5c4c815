"""The rules of the house hold in the catalog, and each rule can fail."""

from __future__ import annotations

import psycopg
import pytest

from tests.conftest import ROOT

from . import comments, functions, keys, portability, privileges, scope, tenancy, types
from .rule import Offence, Rule, planted

RULES = [
    *comments.RULES,
    *keys.RULES,
    *types.RULES,
    *functions.RULES,
    functions.error_rule(ROOT / "sql" / "ERRORS.md"),
    *privileges.RULES,
    *tenancy.RULES,
    *scope.RULES,
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.sentence)
def test_nothing_in_the_catalog_breaks_the_rule(db: psycopg.Connection, rule: Rule) -> None:
    assert rule.offenders(db) == []


@pytest.mark.parametrize(("rule", "offence"), planted(RULES))
def test_the_rule_finds_an_offence(db: psycopg.Connection, rule: Rule, offence: Offence) -> None:
    db.execute(offence.sql)
    assert offence.offender in rule.offenders(db)


def test_every_rule_is_seen_to_fail_by_some_offence() -> None:
    assert [rule.sentence for rule in [*RULES, *portability.RULES] if not rule.offences] == []
