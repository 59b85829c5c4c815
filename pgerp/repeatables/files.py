"""Finding repeatable files, and proving from their text that the path is the name."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from pgerp.errors import PgerpError
from pgerp.headers import parse_headers
from pgerp.project import Project
from pgerp.repeatables.model import Repeatable
from pgerp.sqltext import Statement, checksum, display, guard, read, shorten

FOLDERS = {
    "function": "functions",
    "view": "views",
    "trigger": "sql/triggers",
    "policy": "sql/policies",
    "grant": "sql/grants",
}
_HEADERS = {
    "function": ("requires",),
    "view": ("requires",),
    "trigger": ("reapply",),
    "policy": ("reapply",),
    "grant": ("reapply",),
}
_GAP = r"(?:\s|--[^\n]*\n|/\*(?:[^*]|\*(?!/))*\*/)+"
_PART = r'(?:"(?:[^"]|"")+"|[^\W\d][\w$]*)'
_NAME = rf"(?:{_PART}\s*\.\s*)?{_PART}"
_IDENTIFIER = re.compile(r"[a-z_][a-z0-9_$]*")


def _pattern(text: str) -> re.Pattern[str]:
    text = text.replace("NAME", f"(?P<name>{_NAME})").replace("PART", f"(?P<part>{_PART})")
    return re.compile(text.replace(" ", _GAP), re.I | re.S)


_CREATE = {
    "function": _pattern(
        r"CREATE (?P<replace>OR REPLACE )?(?P<what>FUNCTION|PROCEDURE|AGGREGATE) NAME"
    ),
    "view": _pattern(
        r"CREATE (?P<replace>OR REPLACE )?(?:RECURSIVE )?(?P<what>VIEW|MATERIALIZED VIEW) "
        r"(?:IF NOT EXISTS )?NAME"
    ),
}
_ABOUT = {
    "function": _pattern(
        r"(?:COMMENT ON|GRANT|REVOKE|ALTER (?:FUNCTION|PROCEDURE|AGGREGATE|ROUTINE))\b"
    ),
    "view": _pattern(
        r"(?:COMMENT ON|GRANT|REVOKE|ALTER (?:VIEW|MATERIALIZED VIEW|INDEX)|CREATE (?:UNIQUE )?INDEX)\b"
    ),
}
_TRIGGER = _pattern(
    r"(?P<verb>CREATE (?P<replace>OR REPLACE )?(?P<constraint>CONSTRAINT )?|DROP )TRIGGER "
    r"(?P<guarded>IF EXISTS )?PART\b.*?\bON NAME"
)
_TRIGGER_RELATED = _pattern(r"(?:COMMENT ON TRIGGER|ALTER TABLE|DO)\b")
_POLICY = _pattern(r"CREATE POLICY PART ON NAME")


def discover(projects: Sequence[Project]) -> list[Repeatable]:
    """Find every repeatable file, in the order in which they are applied.

    Args:
        projects: The projects.

    Returns:
        Functions and views (what a `-- requires:` header names before the file that has it), then
        triggers, policies and grants, each by project and path.

    Raises:
        PgerpError: with file:line: a misplaced file, an unknown header, a statement that cannot be
            part of a transaction, a file that defines something else than its path says (or more,
            or nothing), one object in two files, an unknown or circular requirement.
    """
    found = [
        _load(project, kind, path)
        for kind in FOLDERS
        for project in projects
        for path in _paths(project.root / FOLDERS[kind])
    ]
    _refuse_twins(found)
    return sort(found)


def sort(repeatables: Sequence[Repeatable]) -> list[Repeatable]:
    """Put files in the order of `discover`; requirements that are not among them count as met.

    Args:
        repeatables: Some of the files that `discover` returned, in any order.
    """
    kinds = list(FOLDERS)
    waiting = sorted(
        repeatables, key=lambda r: (kinds.index(r.kind), r.project.name != "pgerp", r.key)
    )
    names = {r.name: r.key for r in waiting if r.kind in ("function", "view")}
    done: set[str] = set()
    ordered = []
    while waiting:
        ready = next(
            (
                r
                for r in waiting
                if all(names.get(n, "") in done or n not in names for n in r.requires)
            ),
            None,
        )
        if ready is None:
            raise PgerpError(
                "the requires headers form a circle",
                where=f"{waiting[0].where}:1",
                detail=f"Among: {', '.join(r.name for r in waiting if r.requires)}.",
                hint="Remove one of them.",
            )
        waiting.remove(ready)
        done.add(ready.key)
        ordered.append(ready)
    return ordered


def _paths(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield from sorted(p for p in folder.rglob("*.sql") if p.is_file())


def _load(project: Project, kind: str, path: Path) -> Repeatable:
    sql = read(path)
    where = display(path)
    inside = path.relative_to(project.root / FOLDERS[kind]).parts
    requires: set[str] = set()
    always = False
    for header in parse_headers(sql, where, _HEADERS[kind]):
        if header.word == "requires":
            requires.update(header.value.replace(",", " ").split())
        elif header.value == "migrations":
            always = True
        else:
            raise PgerpError(
                f'files cannot be reapplied after "{header.value}"',
                where=f"{where}:{header.line}",
                hint="Write -- reapply: migrations.",
            )
    statements = guard(sql, where)
    if kind in ("function", "view", "trigger"):
        _check_place(inside, kind, where)
    return Repeatable(
        key=f"{project.name}:{path.relative_to(project.root).as_posix()}",
        project=project,
        kind=kind,
        path=path,
        sql=sql,
        checksum=checksum(sql),
        requires=frozenset(requires),
        always=always,
        objects=_objects(kind, inside, statements, where),
    )


def _check_place(inside: tuple[str, ...], kind: str, where: str) -> None:
    folder = FOLDERS[kind]
    if len(inside) != 2:
        raise PgerpError(
            f"the file must be in {folder}/<module>/",
            where=f"{where}:1",
            hint="The folder is the schema and the file's name is the object's.",
        )
    for part in (inside[0], inside[1].removesuffix(".sql")):
        if not _IDENTIFIER.fullmatch(part):
            raise PgerpError(
                f'"{part}" cannot be the name of an object here',
                where=f"{where}:1",
                hint="Use lower-case letters, digits and underscores, a letter first.",
            )


def _objects(
    kind: str, inside: tuple[str, ...], statements: list[Statement], where: str
) -> tuple[str, ...]:
    """Return what the statements define; refuse what such a file may not hold."""
    if kind in ("function", "view"):
        return _defined(kind, f"{inside[0]}.{inside[1].removesuffix('.sql')}", statements, where)
    if kind == "trigger":
        return _triggers(inside[1].removesuffix(".sql"), statements, where)
    if kind == "policy":
        found = (_POLICY.match(s.text) for s in statements)
        return tuple(f"policy {_fold(f['part'])} on {_fold(f['name'])}" for f in found if f)
    return ()


def _defined(kind: str, name: str, statements: list[Statement], where: str) -> tuple[str, ...]:
    defined = []
    for statement in statements:
        place = f"{where}:{statement.line}"
        created = _CREATE[kind].match(statement.text)
        if created:
            if _fold(created["name"]) != name:
                raise PgerpError(
                    f"the file defines {_fold(created['name'])}, but its path says {name}",
                    where=place,
                    hint="Rename one of them, always with the schema: the path is the name.",
                )
            if kind == "function" and not created["replace"]:
                raise PgerpError(
                    f"{name} is created without OR REPLACE",
                    where=place,
                    hint="The file is applied again at each change: write CREATE OR REPLACE.",
                )
            defined.append(f"{' '.join(created['what'].lower().split())} {name}")
        elif not (_ABOUT[kind].match(statement.text) and _mentions(statement.text, name)):
            raise PgerpError(
                f"the statement does not belong in the file of {name}",
                where=place,
                statement=shorten(statement.text),
                hint=f"Beside {name} the file may hold its comments, privileges, ALTER"
                + (" and indexes only." if kind == "view" else " only."),
            )
    if len(defined) != 1:
        raise PgerpError(
            f"the file defines {name} {len(defined)} times"
            if defined
            else "the file defines nothing",
            where=f"{where}:{statements[-1 if defined else 0].line}",
            hint=f"It must hold exactly one CREATE of {name}.",
        )
    kinds = {"procedure": "function", "aggregate": "function"}
    what = defined[0].removesuffix(f" {name}")
    return (f"{kinds.get(what, what)} {name}",)


def _triggers(table: str, statements: list[Statement], where: str) -> tuple[str, ...]:
    made: list[str] = []
    dropped: list[str] = []
    for statement in statements:
        place = f"{where}:{statement.line}"
        found = _TRIGGER.match(statement.text)
        if not found:
            if _TRIGGER_RELATED.match(statement.text):
                continue
            raise PgerpError(
                "the statement does not belong in a file of triggers",
                where=place,
                statement=shorten(statement.text),
                hint="The file may hold triggers, their comments, ALTER TABLE … TRIGGER and DO.",
            )
        name = f"trigger {_fold(found['part'])} on {_fold(found['name'])}"
        if _fold(found["name"]).rpartition(".")[2] != table:
            raise PgerpError(
                f"the file is about {table}, but this is a {name}",
                where=place,
                hint=f"Move it to the file of {_fold(found['name'])}.",
            )
        if found["verb"].upper().startswith("DROP"):
            dropped.append(name)
            if not found["guarded"]:
                raise PgerpError(
                    "DROP TRIGGER without IF EXISTS fails where the trigger is not there yet",
                    where=place,
                    hint="Write DROP TRIGGER IF EXISTS.",
                )
            continue
        if not found["replace"] and name not in dropped:
            raise PgerpError(
                f"{name} cannot be applied twice",
                where=place,
                hint="Write CREATE OR REPLACE TRIGGER, or DROP TRIGGER IF EXISTS before it.",
            )
        made.append(name)
    return tuple(dict.fromkeys(made))


def _fold(name: str) -> str:
    """Return a name as PostgreSQL stores it: quotes off, unquoted parts in lower case."""
    parts = re.findall(_PART, name)
    return ".".join(p[1:-1].replace('""', '"') if p[0] == '"' else p.lower() for p in parts)


def _mentions(text: str, name: str) -> bool:
    schema, _, plain = name.partition(".")
    return bool(
        re.search(
            rf'(?<![\w$])"?{re.escape(schema)}"?\s*\.\s*"?{re.escape(plain)}(?![\w$])', text, re.I
        )
    )


def _refuse_twins(found: Sequence[Repeatable]) -> None:
    """Refuse one object in two files, and requirements that no file meets."""
    owners: dict[str, Repeatable] = {}
    for repeatable in found:
        for target in repeatable.objects:
            name = (
                target.split(" ", 1)[1]
                if target.startswith("trigger")
                else target.rpartition(" ")[2]
            )
            twin = owners.setdefault(name, repeatable)
            if twin is not repeatable:
                raise PgerpError(
                    f"{target} is defined by two files",
                    where=f"{repeatable.where}:1",
                    detail=f"The other one is {twin.where}.",
                    hint="Keep one of them.",
                )
    names = {r.name for r in found if r.kind in ("function", "view")}
    for repeatable in found:
        for name in sorted(repeatable.requires - names):
            near = difflib.get_close_matches(name, sorted(names), n=1)
            raise PgerpError(
                f"it requires {name}, which no file in functions/ or views/ defines",
                where=f"{repeatable.where}:1",
                hint=f"Did you mean {near[0]}?"
                if near
                else "Tables need no header: they come first.",
            )
