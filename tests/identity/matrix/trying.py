"""Trying: every attempt of one role with one token, in one round trip, each one undone."""

from __future__ import annotations

import contextlib
import functools
import json
from collections.abc import Iterator
from typing import Any

import psycopg

from pgerp.db import connect
from tests.identity.conftest import World
from tests.identity.matrix.attempts import Object, objects
from tests.identity.matrix.sheet import (
    ALL,
    ALL_ROLES,
    DENIED,
    DONE,
    HELD,
    KINDS,
    MAY,
    NONE,
    OWNERS,
    SITUATIONS,
    STOPPED,
    UNGRANTED,
    Line,
    fold,
)
from tests.identity.matrix.world import Logins, make_logins, make_world
from tests.identity.tokens import claims, sign
from tests.identity.two_businesses import MAIN, Side
from tests.pgtap import value

# An error of its own undoes each attempt; what variables hold outlives it. What a trigger raises
# names no constraint.
TRY = """
DO $do$
DECLARE
    v_try text;
    v_answer text;
    v_rows bigint;
    v_constraint text;
    v_found jsonb[] := '{}';
BEGIN
    FOREACH v_try IN ARRAY ARRAY(
        SELECT jsonb_array_elements_text(current_setting('matrix.tries')::jsonb)
    ) LOOP
        v_answer := NULL;
        v_rows := 0;
        BEGIN
            IF v_try ~ '^(SELECT|CALL)' THEN
                EXECUTE v_try INTO v_answer;
            ELSE
                EXECUTE v_try;
                GET DIAGNOSTICS v_rows = ROW_COUNT;
            END IF;
            RAISE SQLSTATE 'MATRX';
        EXCEPTION
            WHEN OTHERS THEN
                GET STACKED DIAGNOSTICS v_constraint = CONSTRAINT_NAME;
                v_found := v_found || jsonb_build_array(SQLSTATE, v_constraint, v_rows, v_answer);
        END;
    END LOOP;
    PERFORM set_config('matrix.found', array_to_json(v_found)::text, true);
END;
$do$"""

# What the catalog says: on all of it and in a schema that may be used; on something of it.
GRANTS = """
SELECT
    o.oid, o.letter, has_schema_privilege(%(role)s, o.schema, 'USAGE') AND o.is_whole,
    o.is_whole OR o.is_part
FROM (
    SELECT
        c.oid, c.relnamespace AS schema, l.letter,
        has_table_privilege(%(role)s, c.oid, l.privilege) AS is_whole,
        l.letter IN ('S', 'I', 'U') AND has_any_column_privilege(%(role)s, c.oid, l.privilege)
            AS is_part
    FROM pg_class AS c
    CROSS JOIN (VALUES
        ('S', 'SELECT'), ('I', 'INSERT'), ('U', 'UPDATE'), ('D', 'DELETE'), ('T', 'TRUNCATE')
    ) AS l (letter, privilege)
    WHERE c.relkind <> 'S'
    UNION ALL
    SELECT
        c.oid, c.relnamespace, l.letter, has_sequence_privilege(%(role)s, c.oid, l.privileges),
        false
    FROM pg_class AS c
    CROSS JOIN (VALUES ('S', 'SELECT'), ('U', 'USAGE, UPDATE')) AS l (letter, privileges)
    WHERE c.relkind = 'S'
    UNION ALL
    SELECT
        p.oid, p.pronamespace, 'X', has_function_privilege(%(role)s, p.oid, 'EXECUTE'), false
    FROM pg_proc AS p
) AS o
WHERE o.oid = ANY (%(oids)s)"""

NOBODY_CAN = {"0A000", "42809", "55000"}
"""Of views: they cannot be written, or not that way."""

Outcomes = dict[tuple[str, str], dict[str, str]]
"""What came of each attempt, by the object's kind and name, and letter."""


@functools.cache
def tokens(world: World) -> dict[str, str]:
    """Return the token of each situation; each that is valid permits everything."""
    every = {"permissions": ["*"]}
    return {
        "own": sign(claims(world.ours, **every)),
        "business": sign(claims(world.ours, business=[MAIN], **every)),
        "tenant": sign(claims(world.theirs, **every)),
        "none": "",
        "expired": sign(claims(world.ours, exp=1, **every)),
    }


class Bench:
    """A filled database, and what there is to be tried in it.

    Args:
        admin: A superuser's session on it.
        side: What is known of SIDE.
        logins: Who tries.
    """

    def __init__(self, admin: psycopg.Connection, side: Side, logins: Logins) -> None:
        self.admin = admin
        self.side = side
        self.logins = logins
        self.tried: dict[tuple[str, str], Outcomes] = {}
        self.look()

    def look(self) -> None:
        """Read the catalog, and the rows of everything, as they are now."""
        self.objects = objects(self.admin, self.side)
        self.rows: dict[tuple[str, str], dict[str, Any]] = {
            (one.kind, one.name): json.loads(value(self.admin, one.groups) or "{}")
            for one in self.objects
            if one.groups
        }

    def role(self, role: str) -> str:
        """Return a role's name in the database."""
        return self.logins.nobody if role == "public" else f"pgerp_{role}"

    @contextlib.contextmanager
    def session(self, role: str) -> Iterator[psycopg.Connection]:
        """Connect as a login that becomes the role, in a transaction that is rolled back."""
        url = self.logins.url(self.side.world.url)
        with contextlib.closing(connect(url, autocommit=False)) as conn:
            conn.execute(f"SET ROLE {self.role(role)}")  # type: ignore[arg-type]
            yield conn

    def outcomes(self, role: str, situation: str) -> Outcomes:
        """Try everything in a session of its own, once."""
        if (role, situation) not in self.tried:
            with self.session(role) as conn:
                self.tried[role, situation] = self.attempt(conn, role, situation)
        return self.tried[role, situation]

    def attempt(self, conn: psycopg.Connection, role: str, situation: str) -> Outcomes:
        """Try everything in a transaction in which the session is that role."""
        tries = [
            (one, letter, statement)
            for one in self.objects
            for letter, statement in (one.owners if role in OWNERS else one.clients).items()
        ]
        statements = [statement for _, _, statement in tries]
        conn.execute(
            "SELECT set_config('pgerp.token', %s, true), set_config('matrix.tries', %s, true)",
            [tokens(self.side.world)[situation], json.dumps(statements)],
        )
        conn.execute(TRY)
        answers = json.loads(value(conn, "SELECT current_setting('matrix.found')"))
        grants = self._grants(role)
        found: Outcomes = {}
        for (one, letter, statement), answer in zip(tries, answers, strict=True):
            is_whole, is_some = grants[one.oid, letter]
            if "view" in one.kind and letter != "S" and answer[0] in NOBODY_CAN:
                outcome = DENIED
            elif answer[0] == "42501" and not is_whole:
                outcome = HELD if is_some else DENIED
            elif not is_some:
                outcome = UNGRANTED
            elif letter == "X" and role in OWNERS:
                outcome = MAY
            else:
                outcome = self._outcome(one, letter, statement, *answer)
            found.setdefault((one.kind, one.name), {})[letter] = outcome
        return found

    def _grants(self, role: str) -> dict[tuple[int, str], tuple[bool, bool]]:
        oids = [one.oid for one in self.objects]
        rows = self.admin.execute(GRANTS, {"role": self.role(role), "oids": oids})
        return {(oid, letter): (whole, some) for oid, letter, whole, some in rows}

    def _outcome(
        self,
        one: Object,
        letter: str,
        statement: str,
        state: str,
        constraint: str,
        rows: int,
        answer: str | None,
    ) -> str:
        """Say what came of what a role may do."""
        is_done = state == "MATRX"
        if letter == "X" and is_done:
            return "tells" if self.side.told(answer or "", statement) else DONE
        if letter == "S" and is_done:
            return self._sight(one, json.loads(answer or "{}")) if one.groups else ALL
        if letter in "SX":
            return state
        if one.kind == "sequence" or letter == "T":
            return DONE if is_done else STOPPED
        reached = state.startswith("23") and constraint != ""
        return DONE if reached or (is_done and rows > 0) else STOPPED

    def _sight(self, one: Object, seen: dict[str, Any]) -> str:
        """Say what of a relation's rows was seen."""
        rows = self.rows[one.kind, one.name]
        ours, theirs = (f"{id_}/" for id_ in (self.side.world.ours, self.side.world.theirs))
        for name, groups in (
            (NONE, []),
            (ALL, list(rows)),
            ("ours", [group for group in rows if group.startswith(ours)]),
            ("main", [group for group in rows if group in (ours, f"{ours}{MAIN}")]),
            ("theirs", [group for group in rows if group.startswith(theirs)]),
        ):
            if seen == {group: rows[group] for group in groups}:
                return name
        return "other"

    def lines(self) -> list[Line]:
        """Try everything as everybody; return the lines of a sheet, unfolded."""
        return [
            Line(
                one.kind,
                one.name,
                {
                    role: {
                        letter: tuple(
                            self.outcomes(role, situation)[one.kind, one.name][letter]
                            for situation in SITUATIONS
                        )
                        for letter in KINDS[one.kind]
                    }
                    for role in ALL_ROLES
                },
            )
            for one in self.objects
        ]

    def folded(self) -> list[Line]:
        """Return the lines of a sheet, one for the partitions of all years that are alike."""
        names = {(one.kind, one.name): one.line for one in self.objects}
        return fold(self.lines(), lambda line: names[line.kind, line.name])


@contextlib.contextmanager
def open_bench(url: str, suffix: str) -> Iterator[Bench]:
    """Fill a migrated database, and make the logins to try it with."""
    roles = [f"pgerp_{role}" for role in ALL_ROLES if role != "public"]
    with make_logins(url, suffix, roles) as logins:
        side = make_world(url)
        with connect(url) as side.conn:
            yield Bench(side.conn, side, logins)
