"""The files in migrations/: which there are, whether their names are right, and their headers."""

from __future__ import annotations

import glob
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pgerp.errors import PgerpError
from pgerp.headers import Header, parse_headers
from pgerp.sqltext import display, line_at, split

LINKS = "links"
ROLLBACK = ".rollback.sql"

_STEM = re.compile(r"(\d{8}_\d{4})_([a-z][a-z0-9_]*)")
_MODULE = re.compile(r"[a-z][a-z0-9_]*")
_WORDS = ("depends", "links", "transactional", "without")
_MISPLACED = re.compile(rf"^[ \t]*--\s*(?:{'|'.join(_WORDS)})\s*:", re.MULTILINE)
_NAMING = "Name it YYYYMMDD_HHMM_<module>_<what>.sql, in the folder of its module."


@dataclass(frozen=True)
class FileHeaders:
    """What a migration says about itself.

    Attributes:
        depends: Each name that it depends on, as written, with its line.
        transactional: False when its statement must run outside a transaction.
        links: Schemas that a links file joins; empty for every other file.
        without: Modules where any of which is in the database the file is not for it.
    """

    depends: tuple[tuple[str, int], ...]
    transactional: bool
    links: tuple[str, ...]
    without: tuple[str, ...]


def find_files(folder: Path) -> tuple[list[Path], set[Path]]:
    """Find a project's migrations by yoyo, and refuse what yoyo would pass over in silence.

    Args:
        folder: The project's migrations/; may be missing.

    Returns:
        The migrations by name, those in links/ last; and the rollback files.

    Raises:
        PgerpError: two files with one id, a rollback file without its migration, a misnamed or
            misplaced file.
    """
    if not folder.is_dir():
        return [], set()
    from yoyo.migrations import read_migrations

    paths: dict[str, Path] = {}
    modules = [entry for entry in _entries(folder) if _is_module(entry)]
    for module in modules:
        for found in read_migrations(glob.escape(str(module))):
            path = Path(found.path)
            if found.id in paths:
                raise PgerpError(
                    f"two migrations have the id {found.id}",
                    where=display(path),
                    detail=f"The other one is {display(paths[found.id])}.",
                    hint="Give the newer one another time or name.",
                )
            paths[found.id] = path
    rollbacks = set()
    for path in (path for module in modules for path in _entries(module)):
        if check_name(path):
            rollbacks.add(path)
    migrations = set(paths.values())
    for path in sorted(rollbacks):
        if path.with_name(path.name.removesuffix(ROLLBACK) + ".sql") not in migrations:
            raise PgerpError(
                "there is no migration to this rollback file",
                where=display(path),
                hint="Its name must be the migration's name with .rollback.sql: correct it.",
            )
    return sorted(paths.values(), key=lambda p: (p.parent.name == LINKS, p.stem)), rollbacks


def _entries(folder: Path) -> list[Path]:
    """Return what is in a folder by name, without hidden files, caches and README.md."""
    ignored = {"__pycache__", "README.md"}
    return sorted(
        path for path in folder.iterdir() if path.name[0] != "." and path.name not in ignored
    )


def _is_module(entry: Path) -> bool:
    if entry.is_dir() and _MODULE.fullmatch(entry.name):
        return True
    raise PgerpError(
        "migrations/ holds folders only, one for each module",
        where=display(entry),
        hint="Name the folder in lower-case letters, digits and _."
        if entry.is_dir()
        else "Move the file to migrations/<module>/, or remove it.",
    )


def check_name(path: Path) -> bool:
    """Check the name of one entry of a module's folder.

    Args:
        path: The entry; need not exist yet.

    Returns:
        True for a rollback file, False for a migration.

    Raises:
        PgerpError: it is neither, is named for another module, or has no valid time.
    """
    module = path.parent.name
    if path.is_dir():
        raise PgerpError(
            "a module's folder holds no folders",
            where=display(path),
            hint="Move its files up, or elsewhere: nothing in it would ever be applied.",
        )
    is_rollback = path.name.endswith(ROLLBACK)
    stem = path.name.removesuffix(ROLLBACK) if is_rollback else path.stem
    matched = _STEM.fullmatch(stem)
    if path.suffix != ".sql" or not matched:
        raise PgerpError(
            "the file is not named like a migration", where=display(path), hint=_NAMING
        )
    if not matched[2].startswith(f"{module}_") or matched[2] == f"{module}_":
        raise PgerpError(
            f'the file is in the folder "{module}", but its name does not say so',
            where=display(path),
            hint=f"Name it {matched[1]}_{module}_<what>.sql, or move it.",
        )
    try:
        datetime.strptime(matched[1], "%Y%m%d_%H%M")
    except ValueError:
        raise PgerpError(
            f"{matched[1]} is not a date and time", where=display(path), hint=_NAMING
        ) from None
    return is_rollback


def read_headers(path: Path, sql: str) -> FileHeaders:
    """Read a migration's headers with yoyo's parser, and check what it lets pass.

    Args:
        path: The file.
        sql: Its normalised text.

    Raises:
        PgerpError: an unknown, misspelt, misplaced or wrong header, with file:line.
    """
    from yoyo.migrations import parse_metadata_from_sql_comments

    where = display(path)
    headers = parse_headers(sql, where, _WORDS)
    _refuse_misplaced(sql, where)
    directives, _, _ = parse_metadata_from_sql_comments(sql)
    transactional = directives.get("transactional", "true").strip()
    if transactional not in ("true", "false"):
        raise PgerpError(
            "the header transactional is true or false, once",
            where=f"{where}:{_line(headers, 'transactional')}",
            hint='Write "-- transactional: false", or leave it out.',
        )
    depends = directives.get("depends", "").split()
    return FileHeaders(
        depends=tuple((name, _line(headers, "depends", name)) for name in depends),
        transactional=transactional == "true",
        links=_links(headers, where, path.parent.name),
        without=tuple(
            module
            for header in headers
            if header.word == "without"
            for module in header.value.split()
        ),
    )


def _line(headers: Sequence[Header], word: str, value: str = "") -> int:
    """Return the line of the last header `word` whose text holds `value`."""
    return [item.line for item in headers if item.word == word and value in item.value][-1]


def _links(headers: Sequence[Header], where: str, module: str) -> tuple[str, ...]:
    given = [header for header in headers if header.word == "links"]
    if module != LINKS:
        if given:
            raise PgerpError(
                "the header links belongs to files in migrations/links/",
                where=f"{where}:{given[0].line}",
                hint="Move the file there, or remove the header.",
            )
        return ()
    schemas = tuple(given[0].value.split()) if len(given) == 1 else ()
    if len(schemas) < 2 or not all(_MODULE.fullmatch(schema) for schema in schemas):
        raise PgerpError(
            "a links file names the schemas that it joins, once, in its header",
            where=f"{where}:{given[-1].line if given else 1}",
            hint='Begin the file with "-- links: schema_a schema_b".',
        )
    return schemas


def _refuse_misplaced(sql: str, where: str) -> None:
    """Refuse headers below the first SQL: yoyo, and so we, would pass over them in silence."""
    found = list(_MISPLACED.finditer(sql))
    if not found:
        return
    spans = [(item.offset, item.offset + len(item.text)) for item in split(sql, where)]
    for match in found:
        above = sql[: match.start()].split("\n")
        in_block = all(line.strip()[:2] in ("", "--") for line in above)
        inside = any(start <= match.start() < end for start, end in spans)
        if not inside and not in_block:
            raise PgerpError(
                "a header below the first SQL or a block comment has no effect",
                where=f"{where}:{line_at(sql, match.end())}",
                statement=match.group().strip(),
                hint="Move it to the top of the file.",
            )
