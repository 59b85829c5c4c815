"""Finding repeatable files, and proving from their text that the path is the name."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from pgerp.errors import PgerpError
from pgerp.headers import parse_headers
from pgerp.project import OWN, Project
from pgerp.repeatables.definitions import defined_objects
from pgerp.repeatables.model import DEFINING, Repeatable
from pgerp.sqltext import checksum, display, guard, read

FOLDERS = {
    "function": "functions",
    "view": "views",
    "trigger": "sql/triggers",
    "policy": "sql/policies",
    "grant": "sql/grants",
}
_HEADERS = {
    "function": ("requires", "links", "without"),
    "view": ("requires", "links", "without"),
    "trigger": ("reapply", "links", "without"),
    "policy": ("reapply",),
    "grant": ("reapply",),
}
WITHOUT = "without"
"""The folder, and the header, of what is only where a module is not: see `discover`."""
_IDENTIFIER = re.compile(r"[a-z_][a-z0-9_$]*")


def discover(projects: Sequence[Project]) -> list[Repeatable]:
    """Find every repeatable file, in the order in which they are applied.

    A file with a `-- links:` header is for databases that have the modules that it names, one with
    `-- without:` for those that have none of them. The latter lie below a folder without/, beside
    the file that has the same path elsewhere: where the other module is, or is not, one name may
    stand for a view of its tables, or of what its events brought.

    Args:
        projects: The projects.

    Returns:
        Functions and views, then triggers, policies and grants, each by project and path; but what
        a function's signature or a view mentions, or a `-- requires:` header names, comes first.

    Raises:
        PgerpError: with file:line: a misplaced file, an unknown header, a statement that cannot be
            part of a transaction, a file that defines something else than its path says (or more,
            or nothing), one object in two files, an unknown or circular requirement.
    """
    found = [
        repeatable
        for kind in FOLDERS
        for project in projects
        for path in _paths(project, FOLDERS[kind])
        if (repeatable := _load(project, kind, path))
    ]
    _refuse_twins(found)
    return sort(found)


def sort(
    repeatables: Sequence[Repeatable], after: Mapping[str, Collection[str]] | None = None
) -> list[Repeatable]:
    """Put files in the order of `discover`; requirements that are not among them count as met.

    Args:
        repeatables: Some of the files that `discover` returned, in any order.
        after: More requirements: name -> names.

    Raises:
        PgerpError: the requirements form a circle.
    """
    kinds = list(FOLDERS)
    waiting = sorted(repeatables, key=lambda r: (kinds.index(r.kind), r.project.name != OWN, r.key))
    counts = Counter(r.name for r in waiting if r.kind in DEFINING)
    undone = set(counts)
    ordered = []
    while waiting:
        repeatable = _next(waiting, undone, after or {})
        waiting.remove(repeatable)
        counts[repeatable.name] -= 1
        if counts[repeatable.name] <= 0:
            undone.discard(repeatable.name)
        ordered.append(repeatable)
    return ordered


def _next(
    waiting: Sequence[Repeatable], undone: set[str], after: Mapping[str, Collection[str]]
) -> Repeatable:
    """Return the first file that nothing has to come before.

    What its text mentions comes before it too, unless that leaves no file to begin with.
    """
    possible = None
    for repeatable in waiting:
        if repeatable.kind not in DEFINING:
            return possible or repeatable
        needed = {*repeatable.requires, *after.get(repeatable.name, ())}
        if needed & undone:
            continue
        if not (repeatable.mentions - {repeatable.name}) & undone:
            return repeatable
        possible = possible or repeatable
    if possible:
        return possible
    raise PgerpError(
        "the requires headers form a circle",
        where=f"{waiting[0].where}:1",
        detail=f"Among: {', '.join(r.name for r in waiting)}.",
        hint="Remove one of them.",
    )


def _paths(project: Project, name: str) -> Iterator[Path]:
    """Return the files of one folder; of those that lie in a module, the modules' that are here."""
    folder = project.root / name
    for path in sorted(p for p in folder.rglob("*.sql") if p.is_file()):
        inside = _inside(path, folder)
        if len(inside) == 1 or project.has(inside[0]):
            yield path


def _inside(path: Path, folder: Path) -> tuple[str, ...]:
    """Return the path below a kind's folder, for files in without/ as if it were not there."""
    inside = path.relative_to(folder).parts
    return inside[1:] if inside[0] == WITHOUT else inside


def _load(project: Project, kind: str, path: Path) -> Repeatable | None:
    """Read a file; None if it is for databases with other modules."""
    sql = read(path)
    where = display(path)
    folder = project.root / FOLDERS[kind]
    inside = _inside(path, folder)
    requires: set[str] = set()
    always = False
    wanted = True
    words = set()
    for header in parse_headers(sql, where, _HEADERS[kind]):
        words.add(header.word)
        if header.word == "requires":
            requires.update(header.value.replace(",", " ").split())
        elif header.word in ("links", WITHOUT):
            has = [project.has(module) for module in header.value.split()]
            wanted = wanted and (all(has) if header.word == "links" else not any(has))
        elif header.value == "migrations":
            always = True
        else:
            raise PgerpError(
                f'files cannot be reapplied after "{header.value}"',
                where=f"{where}:{header.line}",
                hint="Write -- reapply: migrations.",
            )
    if (WITHOUT in words) != (path.relative_to(folder).parts[0] == WITHOUT):
        raise PgerpError(
            "the header without and the folder without/ belong together",
            where=f"{where}:1",
            hint=f"Move the file below {FOLDERS[kind]}/{WITHOUT}/, or begin it with -- without: …",
        )
    if not wanted:
        return None
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
        objects=defined_objects(kind, inside, statements, where),
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


def _refuse_twins(found: Sequence[Repeatable]) -> None:
    """Refuse one object in two files, and requirements that no file meets."""
    owners: dict[tuple[str, str], Repeatable] = {}
    for repeatable in found:
        for target in repeatable.objects:
            name = (
                target.split(" ", 1)[1]
                if target.startswith("trigger")
                else target.rpartition(" ")[2]
            )
            # A function may have the name of a view: they are told apart wherever they are used.
            twin = owners.setdefault((repeatable.catalog, name), repeatable)
            if twin is not repeatable:
                raise PgerpError(
                    f"{target} is defined by two files",
                    where=f"{repeatable.where}:1",
                    detail=f"The other one is {twin.where}.",
                    hint="Keep one of them.",
                )
    names = {r.name for r in found if r.kind in DEFINING}
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
