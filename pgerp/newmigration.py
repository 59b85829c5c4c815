"""The files of a new migration, with a header that says what may be in them."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

from pgerp.errors import PgerpError
from pgerp.migrationfiles import LINKS, ROLLBACK, check_name
from pgerp.migrations import discover
from pgerp.project import Project
from pgerp.sqltext import display

_WORD = re.compile(r"[a-z][a-z0-9_]*")

_UP = """\
-- {title}.
{links}-- Runs once, in one transaction with its row in the ledger: no BEGIN, COMMIT, COPY.
-- Headers go here when they are needed: "-- depends: ID ID", and for a single statement such as
-- CREATE INDEX CONCURRENTLY "-- transactional: false".

"""
_DOWN = """\
-- Undo: {title}. Newest objects first, without CASCADE.

"""


def create_files(
    project: Project, module: str, what: str, now: datetime, *, links: str | None = None
) -> tuple[Path, Path]:
    """Create a migration and its rollback file.

    Args:
        project: The project.
        module: Its schema, or "links".
        what: What it does, as in a file's name.
        now: The present time, in UTC.
        links: The schemas that a links file joins, separated by blanks.

    Returns:
        The two files.

    Raises:
        PgerpError: a bad name, a name that exists, or a folder that cannot be written.
    """
    for text, name in ((module, "MODULE"), (what, "WHAT")):
        if not _WORD.fullmatch(text):
            raise PgerpError(
                f'"{text}" cannot be the {name} of a migration',
                hint="Use lower-case letters, digits and _, a letter first: add_cost_centres.",
            )
    if (module == LINKS) != bool(links and len(links.split()) > 1):
        raise PgerpError(
            "the module links, and only it, needs the schemas that it joins",
            hint='Write: pgerp new links … --links "billing ledger".',
        )
    stem = f"{now:%Y%m%d_%H%M}_{module}_{what}"
    folder = project.migrations / module
    paths = (folder / f"{stem}.sql", folder / f"{stem}{ROLLBACK}")
    for path in paths:
        check_name(path)
    _refuse_existing(project, stem, what, module)
    title = what.replace("_", " ").capitalize()
    header = f"-- links: {' '.join((links or '').split())}\n" if links else ""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, text in zip(paths, (_UP, _DOWN), strict=True):
            with path.open("x", encoding="utf-8", newline="\n") as file:
                file.write(text.format(title=title, links=header))
    except OSError as error:
        raise PgerpError(
            f"the file cannot be made: {error.strerror}",
            where=display(folder),
            hint="Choose a project whose folder you can write with --project DIR.",
        ) from None
    return paths


def _refuse_existing(project: Project, stem: str, what: str, module: str) -> None:
    """Refuse an id that exists, and one that differs from another by its time only."""
    for migration in discover([project]):
        other = migration.stem.split("_", 2)[2]
        if migration.stem == stem or other == f"{module}_{what}":
            raise PgerpError(
                f"there is a migration {migration.stem} already",
                where=migration.where,
                hint="Say in WHAT how the new one differs.",
            )
