"""A house rule: a sentence, the query of those that break it, and offences that it must find.

A query may use these relations: `schemas` (ours: neither the system's nor `public`), `tables`
(ordinary and partitioned, with `name` and `tenant_attnum`), `functions` (with `name`),
`constraints` (those that were written, not the copies on partitions; with `name`, `table_name`).
Its first column names the offender.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import psycopg
import pytest

RELATIONS = r"""
WITH schemas AS (
    SELECT n.oid, n.nspname, n.nspowner, n.nspacl
    FROM pg_namespace AS n
    WHERE n.nspname NOT IN ('information_schema', 'public') AND n.nspname !~ '^pg_'
),
tables AS (
    SELECT
        c.*,
        c.oid::regclass::text AS name,
        (
            SELECT a.attnum FROM pg_attribute AS a
            WHERE a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
        ) AS tenant_attnum
    FROM pg_class AS c
    WHERE c.relnamespace IN (SELECT oid FROM schemas) AND c.relkind IN ('r', 'p')
),
functions AS (
    SELECT p.*, p.oid::regprocedure::text AS name
    FROM pg_proc AS p
    WHERE p.pronamespace IN (SELECT oid FROM schemas)
),
constraints AS (
    SELECT
        k.*,
        coalesce(t.name, format_type(nullif(k.contypid, 0), NULL)) AS table_name,
        coalesce(t.name, format_type(nullif(k.contypid, 0), NULL)) || '.' || k.conname AS name
    FROM pg_constraint AS k
    LEFT JOIN tables AS t ON t.oid = k.conrelid
    WHERE k.connamespace IN (SELECT oid FROM schemas)
        AND k.conparentid = 0 AND (k.conislocal OR k.contypid <> 0) AND k.contype NOT IN ('t', 'n')
)
"""


@dataclass(frozen=True)
class Offence:
    """What breaks a rule: SQL that does it, and who is then an offender."""

    sql: str
    offender: str


@dataclass(frozen=True)
class Rule:
    """One rule of the house.

    Attributes:
        sentence: What holds.
        query: The offenders, as a SELECT over the relations above.
        offences: Each on its own makes an offender.
    """

    sentence: str
    query: str
    offences: tuple[Offence, ...]

    def offenders(self, conn: psycopg.Connection) -> list[str]:
        """Return the names of those that break the rule, in order."""
        return sorted({str(row[0]) for row in conn.execute(f"{RELATIONS} {self.query}")})


def planted(rules: Iterable[Rule]) -> list[object]:
    """Return every rule with each of its offences, as the parameters of a test."""
    return [
        pytest.param(rule, offence, id=f"{rule.sentence}-{number}")
        for rule in rules
        for number, offence in enumerate(rule.offences, 1)
    ]
