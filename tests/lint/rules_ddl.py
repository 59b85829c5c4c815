"""Tables, constraints, indexes and types: named, explicit, and of the house's kinds."""

from __future__ import annotations

from collections.abc import Iterator

from pglast import ast
from pglast.enums import ConstrType

from .source import DEFINITIONS, REPEATABLE, SqlFile, rule, walk

SUFFIXES = {
    ConstrType.CONSTR_PRIMARY: "_pkey",
    ConstrType.CONSTR_UNIQUE: "_key",
    ConstrType.CONSTR_FOREIGN: "_fkey",
    ConstrType.CONSTR_CHECK: "_check",
    ConstrType.CONSTR_EXCLUSION: "_excl",
}
BANNED_TYPES = {
    "varchar": "text (with a CHECK for the length where it matters)",
    "bpchar": "text",
    "float4": "numeric",
    "float8": "numeric",
    "timestamp": "timestamptz",
    "timetz": "timestamptz or time",
    "json": "jsonb",
    "money": "numeric through a domain",
    "serial": "bigint GENERATED ALWAYS AS IDENTITY",
    "smallserial": "smallint GENERATED ALWAYS AS IDENTITY",
    "bigserial": "bigint GENERATED ALWAYS AS IDENTITY",
}


@rule("type", DEFINITIONS)
def banned_type(file: SqlFile) -> Iterator[tuple[int, str]]:
    """No type of a column, domain, argument or result that has a better one."""
    for raw in file.statements:
        for node in walk(raw.stmt):
            if isinstance(node, ast.ColumnDef):
                used = node.typeName
            elif isinstance(node, ast.FunctionParameter):
                used = node.argType
            elif isinstance(node, ast.CreateDomainStmt):
                used = node.typeName
            elif isinstance(node, ast.CreateFunctionStmt):
                used = node.returnType
            else:
                continue
            if used and is_builtin(used) and used.names[-1].sval in BANNED_TYPES:
                name = used.names[-1].sval
                yield file.line_at(used.location), f"type {name}: use {BANNED_TYPES[name]}"


def is_builtin(name: ast.TypeName) -> bool:
    """Tell PostgreSQL's own types from those of a schema of ours."""
    return len(name.names) == 1 or name.names[0].sval == "pg_catalog"


@rule("constraint-name", DEFINITIONS)
def constraint_name(file: SqlFile) -> Iterator[tuple[int, str]]:
    """Every constraint of a table or domain is named, with the suffix of its kind."""
    for raw in file.statements:
        for node in walk(raw.stmt):
            if not isinstance(node, ast.Constraint) or node.contype not in SUFFIXES:
                continue
            suffix = SUFFIXES[node.contype]
            if not node.conname:
                yield file.line_at(node.location), f"constraint without a name (…{suffix})"
            elif not node.conname.endswith(suffix):
                yield file.line_at(node.location), f"constraint {node.conname}: ends in {suffix}"


@rule("index-name", DEFINITIONS | {"view"})
def index_name(file: SqlFile) -> Iterator[tuple[int, str]]:
    """Every index is named …_idx, a unique one …_key or …_idx."""
    for raw in file.statements:
        if isinstance(raw.stmt, ast.IndexStmt):
            suffixes = ("_idx", "_key") if raw.stmt.unique else ("_idx",)
            if not (raw.stmt.idxname or "").endswith(suffixes):
                name = raw.stmt.idxname or "(unnamed)"
                yield (
                    file.line_at(raw.stmt_location),
                    f"index {name}: ends in {' or '.join(suffixes)}",
                )


@rule("on-delete", DEFINITIONS)
def on_delete(file: SqlFile) -> Iterator[tuple[int, str]]:
    """Every foreign key says what happens when its target goes, NO ACTION included."""
    for raw in file.statements:
        for node in walk(raw.stmt):
            if not isinstance(node, ast.Constraint) or node.contype != ConstrType.CONSTR_FOREIGN:
                continue
            if "ON DELETE" not in clause(file, node.location):
                name = node.conname or "(unnamed)"
                yield file.line_at(node.location), f"foreign key {name} has no ON DELETE"


def clause(file: SqlFile, start: int) -> str:
    """Return a constraint's words from `start` to the comma or bracket that ends it, upper case."""
    words: list[str] = []
    depth = 0
    for token in file.tokens:
        if token.start < start or token.name.endswith("COMMENT"):
            continue
        word = file.text[token.start : token.end + 1]
        depth += {"(": 1, ")": -1}.get(word, 0)
        if depth < 0 or (depth == 0 and word in (",", ";")):
            break
        words.append(word.upper())
    return " ".join(words)


@rule("cascade", REPEATABLE)
def cascade(file: SqlFile) -> Iterator[tuple[int, str]]:
    """A file that is applied again and again never drops what depends on it."""
    yield from words_found(file, "CASCADE", "no CASCADE in a repeatable file")


@rule("if-not-exists", frozenset({"migration"}))
def if_not_exists(file: SqlFile) -> Iterator[tuple[int, str]]:
    """A migration runs once, on a schema that is known: IF NOT EXISTS would hide that it is not."""
    yield from words_found(file, "IF NOT EXISTS", "IF NOT EXISTS hides drift")


def words_found(file: SqlFile, phrase: str, message: str) -> Iterator[tuple[int, str]]:
    """Yield the places where a phrase stands outside comments and strings."""
    wanted = phrase.split()
    tokens = [one for one in file.tokens if not one.name.endswith("COMMENT")]
    words = [file.text[one.start : one.end + 1].upper() for one in tokens]
    for index, token in enumerate(tokens):
        if words[index : index + len(wanted)] == wanted:
            yield file.line_at(token.start), message


@rule("qualified", DEFINITIONS | REPEATABLE | {"rollback", "check"})
def qualified(file: SqlFile) -> Iterator[tuple[int, str]]:
    """Every relation is written with its schema: no statement depends on a search_path."""
    for raw in file.statements:
        nodes = list(walk(raw.stmt))
        local = {node.ctename for node in nodes if isinstance(node, ast.CommonTableExpr)}
        for node in nodes:
            if isinstance(node, ast.RangeVar) and not node.schemaname and node.relname not in local:
                line = file.line_at(node.location or raw.stmt_location)
                yield line, f"{node.relname}: written without its schema"
