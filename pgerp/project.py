"""Projects: folders with migrations/, functions/, views/ and sql/ that share one database."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pgerp.errors import PgerpError
from pgerp.sqltext import display

OWN = "pgerp"
"""Name of pgerp's own project: its migrations' ids carry no prefix."""

_NAME = re.compile(r"[a-z][a-z0-9_-]*")
_SETTINGS = {"name", "owner"}


@dataclass(frozen=True)
class Project:
    """One root of SQL files.

    Attributes:
        name: "pgerp" for our own; otherwise `[project] name` of DIR/pgerp.toml, else the folder's.
        root: Folder that holds migrations/, functions/, views/ and sql/ (each optional).
        owner: Role that owns all of its objects; None = whoever connects.
        modules: The modules that the database is to have; None = all of them.
    """

    name: str
    root: Path
    owner: str | None = None
    modules: frozenset[str] | None = None

    def has(self, module: str) -> bool:
        """Tell whether the database is to have a module, or what a module has archived."""
        return self.modules is None or module.removesuffix("_archive") in self.modules

    @property
    def migrations(self) -> Path:
        """Folder of the versioned migrations; may be missing."""
        return self.root / "migrations"

    @property
    def roles(self) -> Path:
        """The file that creates the project's roles; may be missing."""
        return self.root / "sql" / "roles.sql"

    def qualify(self, stem: str) -> str:
        """Return the id of the migration whose file stem is `stem`."""
        return stem if self.name == OWN else f"{self.name}/{stem}"


def own_project() -> Project:
    """Return pgerp's own project: the checkout, or pgerp/_project/ of an installed wheel.

    Raises:
        PgerpError: neither is there (a broken installation).
    """
    package = Path(__file__).resolve().parent
    for root in (package / "_project", package.parent):
        if (root / "pgerp.toml").is_file():
            return _read(root)
    raise PgerpError(
        "pgerp's own SQL folders are missing",
        where=str(package),
        hint="Install pgerp again, or run it from a checkout.",
    )


def load_projects(dirs: Sequence[Path]) -> list[Project]:
    """Return pgerp's own project, then those in `dirs`, in their order.

    Raises:
        PgerpError: a folder is missing or holds none of the project folders, a pgerp.toml is
            wrong, or two projects have one name.
    """
    projects = [own_project()]
    for root in dirs:
        project = _read(root.resolve())
        twin = next((other for other in projects if other.name == project.name), None)
        if twin is not None:
            raise PgerpError(
                f'two projects are called "{project.name}"',
                where=display(project.root),
                detail=f"The other one is {display(twin.root)}.",
                hint='Give one another name in its pgerp.toml: [project] name = "…".',
            )
        projects.append(project)
    return projects


def _read(root: Path) -> Project:
    """Read one project's folder and its pgerp.toml, if it has one."""
    if not root.is_dir():
        raise PgerpError(
            "the project folder does not exist",
            where=display(root),
            hint="Check the argument of --project.",
        )
    settings = _settings(root / "pgerp.toml")
    name = settings.get("name", root.name)
    if not _NAME.fullmatch(name):
        raise PgerpError(
            f'"{name}" cannot be the name of a project',
            where=display(root / "pgerp.toml"),
            hint='Set [project] name to lower-case letters, digits, "-" and "_", letter first.',
        )
    folders = ("migrations", "functions", "views", "sql")
    if not settings and not any((root / folder).is_dir() for folder in folders):
        raise PgerpError(
            "the folder is not a project",
            where=display(root),
            detail="It has neither pgerp.toml nor one of " + ", ".join(folders) + ".",
            hint="Create migrations/<module>/ in it, or point --project at another folder.",
        )
    return Project(name=name, root=root, owner=settings.get("owner"))


def _settings(path: Path) -> dict[str, str]:
    """Return the [project] table of a pgerp.toml; {} when there is no file."""
    if not path.is_file():
        return {}
    try:
        document: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PgerpError(
            f"the settings cannot be read: {error}",
            where=display(path),
            hint="Correct the TOML.",
        ) from None
    table = document.get("project", {})
    unknown = sorted(set(table) - _SETTINGS) if isinstance(table, dict) else ["project"]
    if unknown or any(not isinstance(value, str) or not value for value in table.values()):
        raise PgerpError(
            "the [project] table is wrong",
            where=display(path),
            detail=f"Unknown settings: {', '.join(unknown)}." if unknown else None,
            hint="It may hold name and owner, both non-empty strings.",
        )
    return dict(table)
