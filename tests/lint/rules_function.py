"""What a file of functions/ or views/ defines, and what each function says about itself."""

from __future__ import annotations

from collections.abc import Iterator

from pglast import ast
from pglast.enums import ObjectType

from .source import DEFINITIONS, SqlFile, dotted, rule

# Functions that PostgreSQL must be able to inline into a policy, which a SET clause forbids.
INLINABLE = frozenset({"identity.current_tenant"})
SAFE_PATH = "pg_catalog, pg_temp"
FUNCTION_COMMENTS = frozenset({ObjectType.OBJECT_FUNCTION, ObjectType.OBJECT_PROCEDURE})
VIEW_COMMENTS = frozenset(
    {ObjectType.OBJECT_VIEW, ObjectType.OBJECT_MATVIEW, ObjectType.OBJECT_COLUMN}
)


def path_name(file: SqlFile) -> str:
    """Return the object's name that a path promises: functions/ledger/x.sql is ledger.x."""
    return f"{file.path.parent.name}.{file.path.stem}"


@rule("path-is-name", frozenset({"function"}))
def function_path(file: SqlFile) -> Iterator[tuple[int, str]]:
    """functions/<schema>/<name>.sql defines <schema>.<name>, once, and nothing else."""
    for raw in file.statements:
        if isinstance(raw.stmt, ast.CreateFunctionStmt):
            name = dotted(raw.stmt.funcname)
            if name != path_name(file):
                yield (
                    file.line_at(raw.stmt_location),
                    f"defines {name}, the path says {path_name(file)}",
                )
            if not raw.stmt.replace:
                yield file.line_at(raw.stmt_location), "a repeatable file says CREATE OR REPLACE"
        elif not is_comment(raw.stmt, FUNCTION_COMMENTS):
            yield file.line_at(raw.stmt_location), "only the function and its comment belong here"
    if len(file.functions) != 1 and not file.parsed[1]:
        yield 1, f"{len(file.functions)} functions in the file, not one"


@rule("path-is-name", frozenset({"view"}))
def view_path(file: SqlFile) -> Iterator[tuple[int, str]]:
    """views/<schema>/<name>.sql defines <schema>.<name>, once, with its indexes and comments."""
    names = []
    for raw in file.statements:
        statement = raw.stmt
        if isinstance(statement, ast.ViewStmt):
            names.append((raw, statement.view))
        elif isinstance(statement, ast.CreateTableAsStmt):
            names.append((raw, statement.into.rel))
        elif not isinstance(statement, ast.IndexStmt) and not is_comment(statement, VIEW_COMMENTS):
            yield (
                file.line_at(raw.stmt_location),
                "only the view, its indexes and comments belong here",
            )
    for raw, relation in names:
        name = f"{relation.schemaname}.{relation.relname}"
        if name != path_name(file):
            yield (
                file.line_at(raw.stmt_location),
                f"defines {name}, the path says {path_name(file)}",
            )
    if len(names) != 1 and not file.parsed[1]:
        yield 1, f"{len(names)} views in the file, not one"


def is_comment(statement: ast.Node, kinds: frozenset[ObjectType]) -> bool:
    """Tell whether a statement is a COMMENT ON one of these kinds of object."""
    return isinstance(statement, ast.CommentStmt) and statement.objtype in kinds


@rule("comment", DEFINITIONS)
def function_comment(file: SqlFile) -> Iterator[tuple[int, str]]:
    """Every function has a COMMENT in the file that defines it."""
    commented = {
        dotted(raw.stmt.object.objname)
        for raw in file.statements
        if is_comment(raw.stmt, FUNCTION_COMMENTS) and raw.stmt.comment
    }
    for raw in file.functions:
        name = dotted(raw.stmt.funcname)
        if name not in commented:
            yield file.line_at(raw.stmt_location), f"no COMMENT ON FUNCTION {name} in the file"


@rule("comment", frozenset({"view"}))
def view_comment(file: SqlFile) -> Iterator[tuple[int, str]]:
    """Every view has a COMMENT in its file."""
    kinds = VIEW_COMMENTS - {ObjectType.OBJECT_COLUMN}
    if file.statements and not any(is_comment(raw.stmt, kinds) for raw in file.statements):
        yield 1, f"no COMMENT ON VIEW {path_name(file)} in the file"


@rule("volatility", DEFINITIONS)
def volatility(file: SqlFile) -> Iterator[tuple[int, str]]:
    """Every function states IMMUTABLE, STABLE or VOLATILE."""
    for raw in file.functions:
        named = {option.defname for option in raw.stmt.options or ()}
        if not raw.stmt.is_procedure and "volatility" not in named:
            name = dotted(raw.stmt.funcname)
            yield file.line_at(raw.stmt_location), f"{name} states no volatility"


@rule("search-path", DEFINITIONS)
def search_path(file: SqlFile) -> Iterator[tuple[int, str]]:
    """Every function pins its search_path; a BEGIN ATOMIC body is bound when created."""
    for raw in file.functions:
        name = dotted(raw.stmt.funcname)
        if name not in INLINABLE and not raw.stmt.sql_body and not pins_search_path(raw.stmt):
            yield file.line_at(raw.stmt_location), f"{name} does not SET search_path = {SAFE_PATH}"


def pins_search_path(function: ast.CreateFunctionStmt) -> bool:
    """Tell whether a function sets SAFE_PATH, in which a caller's temporary types come last."""
    for option in function.options or ():
        if option.defname == "set" and option.arg.name == "search_path":
            values = [one.val.sval for one in option.arg.args or () if isinstance(one, ast.A_Const)]
            return ", ".join(values) == SAFE_PATH
    return False
