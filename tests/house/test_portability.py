"""The schema holds nothing that Citus refuses, and each rule can fail."""

from __future__ import annotations

import psycopg
import pytest

from .portability import RULES
from .rule import Offence, Rule, planted


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.sentence)
def test_nothing_in_the_catalog_keeps_tenants_from_being_sharded(
    db: psycopg.Connection, rule: Rule
) -> None:
    assert rule.offenders(db) == []


@pytest.mark.parametrize(("rule", "offence"), planted(RULES))
def test_the_rule_finds_an_offence(db: psycopg.Connection, rule: Rule, offence: Offence) -> None:
    db.execute(offence.sql)
    assert offence.offender in rule.offenders(db)
