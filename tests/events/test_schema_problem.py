"""events.schema_problem: what a payload must look like, by the keywords of JSON Schema."""

from __future__ import annotations

import json
import re
from typing import Any

import psycopg
import pytest

from tests.pgtap import value

FITS = [
    ({"type": "string"}, "a"),
    ({"type": ["string", "null"]}, None),
    ({"type": "integer"}, 3),
    ({"type": "integer"}, 3.0),
    ({"type": "number"}, 3),
    ({"type": "boolean"}, False),
    ({}, {"anything": []}),
    ({"enum": ["a", 1, None]}, None),
    ({"const": {"a": 1}}, {"a": 1.0}),
    ({"minLength": 2, "maxLength": 2}, "ab"),
    ({"minLength": 2}, 1),
    ({"pattern": "^a+$"}, "aaa"),
    ({"format": "date"}, "2028-02-29"),
    ({"format": "date-time"}, "2026-11-27T18:24:29.5Z"),
    ({"format": "date-time"}, "2026-11-27T18:24:29+03:00"),
    ({"format": "uuid"}, "0190A0AA-0000-7000-8000-000000000000"),
    ({"minimum": 0, "maximum": 0}, 0),
    ({"exclusiveMinimum": 0, "exclusiveMaximum": 0.0002}, 0.0001),
    ({"multipleOf": 0.0001}, 12345678901.2345),
    ({"items": {"type": "number"}, "minItems": 1, "maxItems": 2}, [1, 2]),
    ({"required": ["a"]}, {"a": None}),
    ({"required": ["a"]}, [1]),
    ({"properties": {"a": {"type": "string"}}}, {"b": 1}),
    ({"additionalProperties": False, "properties": {"a": {}}}, {"a": 1}),
    ({"additionalProperties": True}, {"a": 1}),
]
BREAKS = [
    ({"type": "string"}, None, "$"),
    ({"type": "integer"}, 3.5, "$"),
    ({"type": "integer"}, "3", "$"),
    ({"type": ["string", "null"]}, 0, "$"),
    ({"enum": ["a", 1]}, "b", "$"),
    ({"const": 1}, 2, "$"),
    ({"minLength": 2}, "a", "$"),
    ({"maxLength": 2}, "abc", "$"),
    ({"pattern": "^a+$"}, "ab", "$"),
    ({"format": "date"}, "2026-02-29", "$"),
    ({"format": "date"}, "27.11.2026", "$"),
    ({"format": "date-time"}, "2026-11-27T18:24:29", "$"),
    ({"format": "date-time"}, "2026-02-30T18:24:29Z", "$"),
    ({"format": "uuid"}, "0190a0aa00007000800000000000000", "$"),
    ({"minimum": 0}, -0.0001, "$"),
    ({"maximum": 1}, 1.0001, "$"),
    ({"exclusiveMinimum": 0}, 0, "$"),
    ({"exclusiveMaximum": 0}, 0, "$"),
    ({"multipleOf": 0.01}, 0.001, "$"),
    ({"minItems": 1}, [], "$"),
    ({"maxItems": 1}, [1, 2], "$"),
    ({"items": {"type": "number"}}, [1, "a"], "$[1]"),
    ({"required": ["a"]}, {"b": 1}, "$"),
    ({"additionalProperties": False}, {"a": 1}, "$"),
    ({"additionalProperties": False, "properties": {"a": {}}}, {"a": 1, "b": 2}, "$"),
    ({"properties": {"a": {"properties": {"b": {"type": "null"}}}}}, {"a": {"b": 0}}, "$.a.b"),
]
PROBLEM = "SELECT events.schema_problem(%s, %s)"


@pytest.mark.parametrize(("schema", "given"), FITS)
def test_what_fits_has_no_problem(db: psycopg.Connection, schema: Any, given: Any) -> None:
    assert value(db, PROBLEM, [json.dumps(schema), json.dumps(given)]) is None


@pytest.mark.parametrize(("schema", "given", "path"), BREAKS)
def test_what_does_not_is_named_by_its_path(
    db: psycopg.Connection, schema: Any, given: Any, path: str
) -> None:
    problem = value(db, PROBLEM, [json.dumps(schema), json.dumps(given)])
    assert problem.split(" ")[0] == path


def test_every_keyword_that_is_allowed_is_checked(db: psycopg.Connection) -> None:
    """Each has a value that breaks it above, but for those that only describe."""
    keywords = {keyword for schema, _, _ in BREAKS for keyword in schema}
    for keyword in keywords | {"title", "description"}:
        rule = "{}" if keyword in ("properties", "items") else '"date"'
        schema = f'{{"{keyword}": {rule}}}'
        assert value(db, "SELECT events.unknown_keyword(%s)", [schema]) is None
    body = value(db, "SELECT prosrc FROM pg_proc WHERE proname = 'unknown_keyword'")
    listed = set(re.findall(r"'(\w+)'", body.split("v_keyword IN (")[1].split(")")[0]))
    assert listed - {"title", "description"} <= keywords
