"""SQL that functions put together holds only names and literals that format() has quoted.

Each function is parsed as PostgreSQL does it. What EXECUTE, FOR … IN EXECUTE, OPEN … FOR EXECUTE
and RETURN QUERY EXECUTE run is a literal, or format() of a literal whose %I and %L quote what is
put in. %s takes a table, function or number, which the type of the variable or a cast tells, or
what is listed here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pglast
import psycopg
import pytest

from tests.lint.rules_body import json_nodes, parse_body
from tests.lint.source import Body

# Text that is put in as it is, and where it comes from.
TRUSTED = {
    "audit.apply_triggers": {
        "v_trigger.relid": "a regclass of the catalog",
        "v_events": "one of two literals",
        "v_arguments": "put together by format() with %L",
        "v_columns": "names of the catalog, put together by format() with %I",
    },
    "audit.present_row": {
        "v_table.name": "a regclass of the catalog",
        "v_table.condition": "put together by format() with %I",
    },
    "core.secure_table": {
        "v_client": "literals, and a column put in by %I",
        "v_owner": "one of two literals",
    },
    "party.treat_rows": {
        "v_condition": "put together by format() with %I and %L",
        "v_changes": "a literal, and what format() put together with %I and %L",
    },
}
SAFE_TYPES = {
    "regclass",
    "regproc",
    "regprocedure",
    "regrole",
    "regtype",
    "int2",
    "int4",
    "int8",
    "oid",
}

FUNCTIONS = r"""
SELECT p.pronamespace::regnamespace || '.' || p.proname, pg_get_functiondef(p.oid), p.prosrc
FROM pg_proc AS p
INNER JOIN pg_language AS l ON l.oid = p.prolang AND l.lanname = 'plpgsql'
WHERE p.pronamespace::regnamespace::text !~ '^(pg_|information_schema$|pgerp$|public$)'
    AND p.prosrc ~* '\mEXECUTE\M'
ORDER BY 1"""

PLACE = re.compile(r"%(?:(\d+)\$)?-?\d*([sIL%])")

Offences = set[tuple[str, str]]


def dynamic(tree: object) -> Iterator[str]:
    """Yield the expressions whose value a function executes."""
    for node in json_nodes(tree):
        for kind in ("PLpgSQL_stmt_dynexecute", "PLpgSQL_stmt_dynfors"):
            if kind in node:
                yield node[kind]["query"]["PLpgSQL_expr"]["query"]
        if "dynquery" in node:
            yield node["dynquery"]["PLpgSQL_expr"]["query"]


def types(tree: Any) -> dict[str, str]:
    """Return the variables and arguments of a function with the names of their types."""
    found = {}
    for datum in tree[0]["PLpgSQL_function"]["datums"]:
        for item in datum.values():
            if "datatype" in item and "refname" in item:
                name = item["datatype"]["PLpgSQL_type"]["typname"]
                found[item["refname"]] = name.removeprefix("pg_catalog.").strip('"')
    return found


def literal(node: Any) -> str | None:
    return node["A_Const"]["sval"]["sval"] if "sval" in node.get("A_Const", {}) else None


def problems(name: str, expression: str, variables: dict[str, str]) -> Iterator[str]:
    """Yield what is wrong with an expression that is executed."""
    statement = json.loads(pglast.parser.parse_sql_json(f"SELECT {expression}"))
    node = statement["stmts"][0]["stmt"]["SelectStmt"]["targetList"][0]["ResTarget"]["val"]
    if literal(node) is not None:
        return
    call = node.get("FuncCall", {})
    function = [part["String"]["sval"] for part in call.get("funcname", [])]
    arguments = call.get("args", [{}])
    pattern = literal(arguments[0])
    if function not in (["format"], ["pg_catalog", "format"]) or pattern is None:
        yield "neither a literal nor format() of one"
        return
    if call.get("func_variadic"):
        yield "VARIADIC"
    position = 0
    for number, kind in PLACE.findall(pattern):
        if kind == "%":
            continue
        position = int(number) if number else position + 1
        if kind == "s":
            yield from unquoted(name, arguments[position], variables)


def unquoted(name: str, node: Any, variables: dict[str, str]) -> Iterator[str]:
    """Yield what may not be put in by %s."""
    cast = node.get("TypeCast", {}).get("typeName", {}).get("names", [{"String": {"sval": ""}}])
    if cast[-1]["String"]["sval"] in SAFE_TYPES:
        return
    fields = node.get("ColumnRef", {}).get("fields", [])
    variable = ".".join(field["String"]["sval"] for field in fields)
    if not (variable and variables.get(variable) in SAFE_TYPES) and variable not in TRUSTED.get(
        name, {}
    ):
        yield f"%s of {variable or 'an expression'}"


def offences(conn: psycopg.Connection) -> Offences:
    """Return functions with what is wrong in SQL that they put together."""
    found = set()
    for name, source, body in conn.execute(FUNCTIONS).fetchall():
        tree = parse_body(Body(body, 0, "plpgsql", pglast.parse_sql(source)[0].stmt))
        for expression in dynamic(tree):
            found |= {(name, problem) for problem in problems(name, expression, types(tree))}
    return found


def test_functions_put_sql_together_of_what_is_quoted(db: psycopg.Connection) -> None:
    assert offences(db) == set()


def test_what_is_trusted_is_still_put_in(
    db: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = {(name, f"%s of {text}") for name, texts in TRUSTED.items() for text in texts}
    monkeypatch.setattr("tests.house.test_dynamic_sql.TRUSTED", {})
    assert offences(db) == expected


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("EXECUTE p_a", "neither a literal nor format() of one"),
        ("EXECUTE 'SELECT ' || p_a", "neither a literal nor format() of one"),
        ("EXECUTE 'SELECT ' || quote_literal(p_a)", "neither a literal nor format() of one"),
        ("EXECUTE concat('SELECT ', p_a)", "neither a literal nor format() of one"),
        ("EXECUTE format(p_a)", "neither a literal nor format() of one"),
        ("EXECUTE format('SELECT %I' || p_a, p_a)", "neither a literal nor format() of one"),
        ("EXECUTE core.format('SELECT %I', p_a)", "neither a literal nor format() of one"),
        ("EXECUTE format('SELECT %s', p_a)", "%s of p_a"),
        ("EXECUTE format('SELECT %I, %2$s', p_a, p_a) INTO p_a", "%s of p_a"),
        ("EXECUTE format('SELECT %%, %I, %-10s', p_a, p_a)", "%s of p_a"),
        ("EXECUTE format('SELECT %s', lower(p_a))", "%s of an expression"),
        ("EXECUTE format('SELECT %s', p_a::text)", "%s of an expression"),
        ("EXECUTE format('SELECT %s', VARIADIC ARRAY[p_a])", "VARIADIC"),
        ("FOR v_row IN EXECUTE p_a LOOP NULL; END LOOP", "neither a literal nor format() of one"),
        ("OPEN v_cursor FOR EXECUTE p_a", "neither a literal nor format() of one"),
        ("RETURN QUERY EXECUTE p_a", "neither a literal nor format() of one"),
        ("IF true THEN BEGIN EXECUTE p_a; END; END IF", "neither a literal nor format() of one"),
    ],
)
def test_sql_that_an_argument_gets_into_unquoted_is_found(
    db: psycopg.Connection, body: str, problem: str
) -> None:
    db.execute(
        "CREATE FUNCTION core.bad(p_a text) RETURNS SETOF text LANGUAGE plpgsql AS $$"  # type: ignore[arg-type]
        f" DECLARE v_row record; v_cursor refcursor; BEGIN {body}; END $$"
    )
    assert ("core.bad", problem) in offences(db)


@pytest.mark.parametrize(
    "body",
    [
        "EXECUTE 'SELECT 1'",
        "EXECUTE format('SELECT %I, %2$L', p_a, p_a)",
        "EXECUTE 'SELECT $1' USING p_a",
        "EXECUTE format('TABLE %s', v_table)",
        "EXECUTE format('TABLE %s', p_a::regclass)",
    ],
)
def test_sql_that_is_quoted_is_none(db: psycopg.Connection, body: str) -> None:
    db.execute(
        "CREATE FUNCTION core.good(p_a text) RETURNS SETOF text LANGUAGE plpgsql AS $$"  # type: ignore[arg-type]
        f" DECLARE v_table regclass; BEGIN {body}; END $$"
    )
    assert offences(db) == set()
