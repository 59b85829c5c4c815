"""events.schema_condition: where the quick condition is true, schema_problem finds nothing."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from tests.events.support import emit, open_shop
from tests.events.test_schema_problem import BREAKS, FITS
from tests.pgtap import results_eq, value

# What events.emit asks of a payload, but for its being an object.
QUICK = """
SELECT
    g.item @@ ('strict exists($ ? (' || c.nested || '))')::jsonpath,
    CASE WHEN jsonb_typeof(g.item) = 'object' THEN
        g.item @@ ('strict exists($ ? (' || c.root || '))')::jsonpath
        AND (c.keys IS NULL OR g.item - c.keys = '{}')
    END,
    events.schema_problem(g.schema, g.item) IS NULL
FROM (SELECT %s::jsonb AS schema, %s::jsonb AS item) AS g
CROSS JOIN LATERAL (
    SELECT
        events.schema_condition(g.schema) AS nested,
        events.schema_condition(g.schema, true) AS root,
        events.schema_keys(g.schema) AS keys
) AS c"""

# What no path says: schema_problem decides.
SLOW = {'{"format": "date-time"}', '{"const": {"a": 1}}'}

TEXTS = [
    "", "a", "ab", "aé\n", "\n", "ab\n", '"', "\\", "$", "a" * 300, "é" * 255, "NULL", "7",
    "2026-02-28", "2026-02-29", "2028-02-29", "2026-13-01", "2026-00-10", "2026-01-00",
    "0000-01-01", "0001-01-01", "9999-12-31", "2026-1-02", " 2026-01-02", "2026-01-02\n",
    "2026-01-02T00:00:00",
    "10000-01-01", "-001-01-01", "２026-01-02", "2026/01/02",
    "0190a0aa-0000-7000-8000-000000000000", "0190A0AA-0000-7000-8000-00000000000G",
    "0190a0aa00007000800000000000000000", "0190a0aa-0000-7000-8000-000000000000\n",
]  # fmt: skip
NUMBERS = [
    "0",
    "-0.0",
    "1",
    "1.0",
    "1.5",
    "-1",
    "0.0001",
    "0.00001",
    "1e3",
    "1e-5",
    "12345678901.2345",
]
NAMES = ["a", "b", "é", 'q"', "\\", "a.b", "$", "", "\n"]
RULES: dict[str, Callable[[random.Random], Any]] = {
    "type": lambda r: r.choice(
        ["string", "number", "integer", "object", "array", "null", "boolean", ["string", "null"],
         ["integer", "array"]]
    ),
    "enum": lambda r: [scalar(r) for _ in range(r.randint(1, 3))],
    "const": lambda r: r.choice([scalar(r), [1], {}]),
    "minLength": lambda r: r.choice([0, 1, 2, 255, 256]),
    "maxLength": lambda r: r.choice([0, 1, 2, 255, 256]),
    "pattern": lambda r: r.choice(["^a", "a.$", "^.$", "[^a]", '"', "\\\\", "^\\w+$", "a|b"]),
    "format": lambda r: r.choice(["date", "date", "uuid", "date-time"]),
    "minimum": lambda r: r.choice([0, -1, 1.5]),
    "maximum": lambda r: r.choice([0, -1, 1.5]),
    "exclusiveMinimum": lambda r: r.choice([0, -1]),
    "exclusiveMaximum": lambda r: r.choice([0, 1.5]),
    "multipleOf": lambda r: r.choice([1, 0.5, 0.0001]),
    "minItems": lambda r: r.choice([0, 1, 2]),
    "maxItems": lambda r: r.choice([0, 1, 2]),
    "required": lambda r: r.sample(NAMES, r.randint(0, 2)),
    "additionalProperties": lambda r: r.choice([False, True]),
}  # fmt: skip


def scalar(r: random.Random) -> Any:
    return r.choice([None, True, False, r.choice(TEXTS), json.loads(r.choice(NUMBERS))])


def schema(r: random.Random, depth: int = 2) -> dict[str, Any]:
    """Return some schema of what is checked, of few keywords, so that values may fit."""
    made = {name: RULES[name](r) for name in r.sample(list(RULES), r.choice([0, 1, 1, 2, 3]))}
    if depth and r.random() < 0.6:
        made["properties"] = {name: schema(r, depth - 1) for name in r.sample(NAMES, 2)}
    if depth and r.random() < 0.3:
        made["items"] = schema(r, depth - 1)
    return made


def item(r: random.Random, depth: int = 3) -> Any:
    kind = r.random()
    if depth and kind < 0.35:
        return {name: item(r, depth - 1) for name in r.sample(NAMES, r.randint(0, 3))}
    if depth and kind < 0.55:
        return [item(r, depth - 1) for _ in range(r.randint(0, 3))]
    return scalar(r)


def quick(db: psycopg.Connection, rules: Any, given: Any) -> tuple[bool | None, bool | None, bool]:
    row = db.execute(QUICK, [json.dumps(rules), json.dumps(given)]).fetchone()
    assert row is not None
    return row


@pytest.mark.parametrize(("rules", "given"), FITS)
def test_what_fits_is_seen_at_once(db: psycopg.Connection, rules: Any, given: Any) -> None:
    fits, as_root, _ = quick(db, rules, given)
    assert fits is (None if json.dumps(rules) in SLOW else True)
    assert as_root is (fits if isinstance(given, dict) else None)


@pytest.mark.parametrize(("rules", "given", "path"), BREAKS)
def test_what_does_not_fit_is_never_taken_for_fitting(
    db: psycopg.Connection, rules: Any, given: Any, path: str
) -> None:
    fits, as_root, _ = quick(db, rules, given)
    assert fits is not True
    assert as_root is not True


def test_quick_and_thorough_agree_on_whatever_comes(db: psycopg.Connection) -> None:
    seed = int(os.environ.get("PGERP_TEST_SEED") or random.randrange(2**32))
    r = random.Random(seed)
    fitting = 0
    for _ in range(3000):
        rules, given = schema(r), item(r)
        whole = {"properties": {"a": rules}, "additionalProperties": r.choice([True, False])}
        for asked, value_ in ((rules, given), (whole, {"a": given})):
            nested, root, thorough = quick(db, asked, value_)
            assert thorough or not (nested or root), f"PGERP_TEST_SEED={seed}: {asked} {value_}"
            fitting += nested is True
    assert fitting > 1000


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("name", ["date", "uuid"])
def test_texts_have_the_formats_that_schema_problem_finds(
    db: psycopg.Connection, text: str, name: str
) -> None:
    fits, _, thorough = quick(db, {"type": "string", "format": name}, text)
    assert (fits is True) == thorough


def test_every_day_that_there_is_or_is_not_is_judged_alike(db: psycopg.Connection) -> None:
    results_eq(
        db,
        """SELECT count(*), count(*) FILTER (
            WHERE (to_jsonb(t.day) @@ ('strict exists($ ? ('
                || events.schema_condition('{"format": "date"}') || '))')::jsonpath) IS NOT true
                = (core.iso_date(t.day) IS NULL)
        )
        FROM unnest(ARRAY[0, 1, 4, 100, 1900, 2000, 2026, 2028, 9999]) AS y (year)
        CROSS JOIN generate_series(0, 13) AS m (month)
        CROSS JOIN generate_series(0, 32) AS d (day)
        CROSS JOIN LATERAL (
            SELECT format('%s-%s-%s', lpad(y.year::text, 4, '0'), lpad(m.month::text, 2, '0'),
                lpad(d.day::text, 2, '0')) AS day
        ) AS t""",
        [(4158, 4158)],
    )


def test_every_type_of_ours_is_judged_quickly(db: psycopg.Connection) -> None:
    results_eq(db, "SELECT code FROM events.event_types WHERE payload_condition IS NULL", [])


def test_emit_asks_the_thorough_function_only_about_what_does_not_fit_at_once(
    db: psycopg.Connection,
) -> None:
    books = open_shop(db)
    db.execute("CREATE OR REPLACE FUNCTION events.schema_problem(p_schema jsonb, p_value jsonb,"
               " p_path text DEFAULT '$') RETURNS text LANGUAGE plpgsql AS"
               " $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '22000'; END $$")  # fmt: skip
    emit(db, books)
    with pytest.raises(psycopg.Error) as caught, db.transaction():
        emit(db, books, payload={"total": 1})
    assert caught.value.sqlstate == "22000"
    assert value(db, "SELECT count(*) FROM events.event_store") == 1
