"""An SQL file as the rules see it: its kind, text, statements and function bodies."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pglast import ast, parse_sql, scan
from pglast.parser import ParseError, Token

SQL_FOLDERS = ("migrations", "functions", "views", "sql", "seeds")
REPEATABLE = frozenset({"function", "view", "trigger", "policy", "grant"})
DEFINITIONS = frozenset({"migration", "function"})
ALL_KINDS = REPEATABLE | {"migration", "rollback", "check", "seed", "other"}


@dataclass(frozen=True, order=True)
class Finding:
    """One offence: where it is (line from 1), which rule it breaks, what to do about it."""

    path: Path
    line: int
    rule: str
    message: str

    def __str__(self) -> str:
        """Return it as editors and CI read it: file:line: rule: message."""
        return f"{self.path}:{self.line}: {self.rule}: {self.message}"


@dataclass(frozen=True)
class Body:
    """The quoted body of a function or DO block, and where its first character is in the file."""

    text: str
    offset: int
    language: str
    statement: ast.Node


class SqlFile:
    """One SQL file of a project."""

    def __init__(self, root: Path, path: Path) -> None:
        """Read the file.

        Args:
            root: The project's folder.
            path: The file, relative to it; its first folders decide the file's kind.
        """
        self.root = root
        self.path = path
        with (root / path).open(encoding="utf-8", newline="") as stream:
            self.text = stream.read()

    @cached_property
    def kind(self) -> str:
        """migration, rollback, function, view, trigger, policy, grant, check, seed or other."""
        top = self.path.parts[0]
        if top == "migrations":
            return "rollback" if self.path.name.endswith(".rollback.sql") else "migration"
        if top == "sql":
            folders = {"triggers": "trigger", "policies": "policy", "grants": "grant"}
            return folders.get(
                self.path.parts[1], "check" if "checks" in self.path.parts else "other"
            )
        return {"functions": "function", "views": "view", "seeds": "seed"}.get(top, "other")

    def line_at(self, offset: int) -> int:
        """Return the line (from 1) of a character offset."""
        return self.text.count("\n", 0, max(offset, 0)) + 1

    @cached_property
    def parsed(self) -> tuple[list[ast.RawStmt], ParseError | None]:
        """The statements, or none and the parser's complaint."""
        try:
            return list(parse_sql(self.text)), None
        except ParseError as error:
            return [], error

    @property
    def statements(self) -> list[ast.RawStmt]:
        """The statements of the file; none when it does not parse."""
        return self.parsed[0]

    @cached_property
    def tokens(self) -> list[Token]:
        """The file's tokens, comments and strings (function bodies too) being one token each."""
        try:
            return list(scan(self.text))
        except ParseError:
            return []

    @cached_property
    def functions(self) -> list[ast.RawStmt]:
        """The CREATE FUNCTION and CREATE PROCEDURE statements."""
        return [raw for raw in self.statements if isinstance(raw.stmt, ast.CreateFunctionStmt)]

    @cached_property
    def bodies(self) -> list[Body]:
        """The quoted bodies of functions, procedures and DO blocks."""
        return [body for raw in self.statements if (body := self._body(raw)) is not None]

    def _body(self, raw: ast.RawStmt) -> Body | None:
        if isinstance(raw.stmt, ast.CreateFunctionStmt):
            options, language = raw.stmt.options or (), "sql"
        elif isinstance(raw.stmt, ast.DoStmt):
            options, language = raw.stmt.args or (), "plpgsql"
        else:
            return None
        text = None
        for option in options:
            if option.defname == "language":
                language = option.arg.sval.lower()
            elif option.defname == "as":
                value = option.arg[0] if isinstance(option.arg, tuple) else option.arg
                text = value.sval
        if text is None:
            return None
        offset = self.text.find(text, raw.stmt_location)
        return Body(text, offset, language, raw.stmt)


Check = Callable[[SqlFile], Iterable[tuple[int, str]]]


@dataclass(frozen=True)
class Rule:
    """A check of one file; `kinds` says which kinds of file it looks at."""

    name: str
    kinds: frozenset[str]
    check: Check

    def run(self, file: SqlFile) -> Iterator[Finding]:
        """Yield the file's offences against this rule."""
        if file.kind in self.kinds:
            for line, message in self.check(file):
                yield Finding(file.path, line, self.name, message)


RULES: list[Rule] = []


def rule(name: str, kinds: frozenset[str] = ALL_KINDS) -> Callable[[Check], Check]:
    """Register a function that yields (line, message) for each offence in a file of these kinds."""

    def register(check: Check) -> Check:
        RULES.append(Rule(name, kinds, check))
        return check

    return register


def walk(node: object) -> Iterator[ast.Node]:
    """Yield a parse tree's nodes, the root first."""
    if isinstance(node, ast.Node):
        yield node
        for name in node:
            yield from walk(getattr(node, name))
    elif isinstance(node, (tuple, list)):
        for item in node:
            yield from walk(item)


def dotted(names: Iterable[ast.String]) -> str:
    """Return a qualified name as written: schema.name."""
    return ".".join(part.sval for part in names)
