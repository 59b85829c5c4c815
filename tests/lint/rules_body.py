"""Function bodies, read with PostgreSQL's own PL/pgSQL and SQL parsers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pglast import ast, parse_plpgsql, parse_sql, scan
from pglast.enums import FunctionParameterMode
from pglast.parser import ParseError

from .source import DEFINITIONS, Body, SqlFile, dotted, rule

RAISE_ERROR = 21  # elog level ERROR, which RAISE EXCEPTION has
ERRCODE_OPTION = 0
MODES = {
    FunctionParameterMode.FUNC_PARAM_OUT: "OUT",
    FunctionParameterMode.FUNC_PARAM_INOUT: "INOUT",
}
SPECIAL_VARIABLES = frozenset({"found", "sqlstate", "sqlerrm", "new", "old"})


@rule("parse")
def parse(file: SqlFile) -> Iterator[tuple[int, str]]:
    """The file is what PostgreSQL's grammar accepts."""
    error = file.parsed[1]
    if error:
        yield file.line_at(error.args[1] or 0), str(error.args[0])


@rule("body")
def body_parses(file: SqlFile) -> Iterator[tuple[int, str]]:
    """Every body is what PostgreSQL's grammar accepts."""
    for body in file.bodies:
        try:
            if body.language == "sql":
                parse_sql(body.text)
            elif body.language == "plpgsql":
                parse_body(body)
        except ParseError as error:
            offset = error.args[1] if len(error.args) > 1 and error.args[1] else 0
            yield file.line_at(body.offset + offset), str(error.args[0])


@rule("errcode")
def errcode(file: SqlFile) -> Iterator[tuple[int, str]]:
    """RAISE EXCEPTION always says its SQLSTATE; a bare RAISE hands on the error it caught."""
    for body, node in plpgsql_nodes(file):
        raised = node.get("PLpgSQL_stmt_raise")
        if not raised or raised.get("elog_level") != RAISE_ERROR or "condname" in raised:
            continue
        options = [entry["PLpgSQL_raise_option"] for entry in raised.get("options", [])]
        bare = "message" not in raised and not options
        if not bare and not any(one.get("opt_type", 0) == ERRCODE_OPTION for one in options):
            line = file.line_at(body.offset) + raised["lineno"] - 1
            yield line, "RAISE EXCEPTION without ERRCODE"


@rule("local-name", DEFINITIONS)
def local_name(file: SqlFile) -> Iterator[tuple[int, str]]:
    """Arguments are p_, locals v_: neither can be taken for a column."""
    for raw in file.functions:
        for parameter in raw.stmt.parameters or ():
            if is_input(parameter) and not (parameter.name or "").startswith("p_"):
                line = file.line_at(parameter.location)
                yield line, f"argument {parameter.name or '(unnamed)'}: arguments are named p_"
    for body, node in plpgsql_nodes(file):
        for kind in ("PLpgSQL_var", "PLpgSQL_rec"):
            variable = node.get(kind, {})
            name = variable.get("refname", "v_")
            if (
                "lineno" in variable
                and name not in SPECIAL_VARIABLES
                and name[:2] not in ("v_", "p_")
            ):
                line = file.line_at(body.offset) + variable["lineno"] - 1
                yield line, f"variable {name}: locals are named v_"


def is_input(parameter: ast.FunctionParameter) -> bool:
    """Tell an argument from an output column."""
    return parameter.mode not in (
        FunctionParameterMode.FUNC_PARAM_TABLE,
        FunctionParameterMode.FUNC_PARAM_OUT,
    )


def plpgsql_nodes(file: SqlFile) -> Iterator[tuple[Body, dict[str, Any]]]:
    """Yield every node of every PL/pgSQL body of the file that parses."""
    for body in file.bodies:
        if body.language == "plpgsql":
            try:
                tree = parse_body(body)
            except ParseError:
                continue
            for node in json_nodes(tree):
                yield body, node


def json_nodes(tree: object) -> Iterator[dict[str, Any]]:
    """Yield the objects of a JSON tree, the outer ones first."""
    if isinstance(tree, dict):
        yield tree
        for value in tree.values():
            yield from json_nodes(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from json_nodes(value)


def parse_body(body: Body) -> object:
    """Parse a PL/pgSQL body.

    libpg_query knows no types outside pg_catalog, so arguments and locals of ours are declared as
    records and arrays of ours as text[]: this keeps the lines, and the grammar does not care.
    """
    text = without_own_types(body.text)
    if isinstance(body.statement, ast.DoStmt):
        return parse_plpgsql(f"DO $lint${text}$lint$")
    parameters = body.statement.parameters or ()
    arguments = ", ".join(
        f"{MODES.get(one.mode, '')} {one.name or ''} {plain_type(one.argType)}"
        for one in parameters
        if one.mode != FunctionParameterMode.FUNC_PARAM_TABLE
    )
    if body.statement.is_procedure:
        head = f"PROCEDURE f({arguments})"
    else:
        head = f"FUNCTION f({arguments}) {returned(body.statement)}"
    return parse_plpgsql(f"CREATE {head} LANGUAGE plpgsql AS $lint${text}$lint$")


def returned(function: ast.CreateFunctionStmt) -> str:
    """Return a RETURNS clause with types that libpg_query knows."""
    modes = {one.mode for one in function.parameters or ()}
    if FunctionParameterMode.FUNC_PARAM_TABLE in modes:
        columns = ", ".join(
            f"{one.name} {plain_type(one.argType)}"
            for one in function.parameters
            if one.mode == FunctionParameterMode.FUNC_PARAM_TABLE
        )
        return f"RETURNS TABLE ({columns})"
    if modes & set(MODES):
        return "RETURNS SETOF record" if function.returnType and function.returnType.setof else ""
    if function.returnType is None:
        return "RETURNS void"
    setof = "SETOF " if function.returnType.setof else ""
    return f"RETURNS {setof}{plain_type(function.returnType)}"


def plain_type(name: ast.TypeName) -> str:
    """Return a type that libpg_query knows in place of one of ours."""
    own = name.pct_type or (len(name.names) > 1 and name.names[0].sval != "pg_catalog")
    if name.arrayBounds:
        return "text[]"
    return "record" if own else dotted(name.names)


def without_own_types(text: str) -> str:
    """Replace schema.type, table%ROWTYPE and column%TYPE in DECLARE sections."""
    result, position, declaring = [], 0, False
    tokens = [one for one in scan(text) if not one.name.endswith("COMMENT")]
    words = [text[one.start : one.end + 1].upper() for one in tokens]
    index = 0
    while index < len(tokens):
        declaring = words[index] == "DECLARE" or (declaring and words[index] != "BEGIN")
        end = type_end(words, index) if declaring and starts_type(words, index) else index
        if end > index:
            result += [
                text[position : tokens[index].start],
                "text" if words[end : end + 1] == ["["] else "record",
            ]
            position = tokens[end - 1].end + 1
            index = end
        else:
            index += 1
    return "".join([*result, text[position:]])


def starts_type(words: list[str], index: int) -> bool:
    """Tell whether a declaration's type begins here: after its name, or after CONSTANT."""
    name = index - 2 if words[index - 1] == "CONSTANT" else index - 1
    return name > 0 and words[name - 1] in ("DECLARE", ";")


def type_end(words: list[str], index: int) -> int:
    """Return the index after a type of ours that starts at `index`, or `index` for another."""
    end = index + 1
    while end + 1 < len(words) and words[end] == ".":
        end += 2
    if end + 1 < len(words) and words[end] == "%":
        return end + 2
    return end if end > index + 1 and words[index] != "PG_CATALOG" else index
