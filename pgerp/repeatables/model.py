"""What a repeatable file is, and what applying some of them did."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from pgerp.project import Project
from pgerp.sqltext import Statement, display, split

KINDS = ("function", "view", "trigger", "policy", "grant")
"""The kinds of repeatable files, in the order in which they are applied."""

DEFINING = ("function", "view")
"""The kinds whose path names the one object that they define."""

_QUOTED = re.compile(r"--[^\n]*|/\*.*?\*/|\$(\w*)\$.*?\$\1\$|'(?:[^']|'')*'", re.DOTALL)
_QUALIFIED = re.compile(r"(?<![\w$.])[A-Za-z_][\w$]*\.[A-Za-z_][\w$]*")


@dataclass(frozen=True)
class Repeatable:
    """One file that is applied again whenever it changes.

    Attributes:
        key: "<project>:<path below the project's root>", its name in pgerp.repeatables.
        project: The project that it belongs to.
        kind: One of KINDS.
        path: The file.
        sql: Its normalised text.
        checksum: SHA-256 of `sql`.
        requires: Names (schema.name) of functions and views that must be applied before it, from
            its `-- requires:` headers.
        always: Applied whenever a migration was applied or another repeatable changed.
        objects: What it defines, as far as the text tells: "function ledger.close_period",
            "view ledger.overdue", "trigger touch on ledger.accounts". Empty for grants, and for
            policies made by a loop.
    """

    key: str
    project: Project
    kind: str
    path: Path
    sql: str
    checksum: str
    requires: frozenset[str] = frozenset()
    always: bool = False
    objects: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The function or view that the path names: schema.name."""
        return f"{self.path.parent.name}.{self.path.stem}"

    @property
    def catalog(self) -> str:
        """The catalog that has what the path names; a name is unique within one of them."""
        return "pg_proc" if self.kind == "function" else "pg_class"

    @cached_property
    def mentions(self) -> frozenset[str]:
        """Every schema.name in the text outside of strings and comments: not in function bodies."""
        return frozenset(match.lower() for match in _QUALIFIED.findall(_QUOTED.sub(" ", self.sql)))

    @property
    def where(self) -> str:
        """The file's name for messages."""
        return display(self.path)

    @cached_property
    def statements(self) -> list[Statement]:
        """The file's statements."""
        return split(self.sql, self.where)


@dataclass(frozen=True)
class Removed:
    """A file that was applied once and is gone, while what it made is still there.

    Attributes:
        key: The file's key.
        objects: What it defined and the catalog still has: ("function ledger.close_period",);
            empty when the file's text did not tell (grants).
    """

    key: str
    objects: tuple[str, ...]

    def __str__(self) -> str:
        made = ", ".join(self.objects) or "what it granted"
        return f"{self.key} is gone, but {made} remains"


@dataclass
class ApplyResult:
    """What one run of apply() did.

    Attributes:
        applied: Files that were applied because they changed or their object was missing.
        recreated: Unchanged views that were dropped and made again with what they depend on.
        skipped: Files that could not be applied, with the reason (tolerate_missing only).
        removed: Files that are gone while their objects are still there.
    """

    applied: list[Repeatable] = field(default_factory=list)
    recreated: list[Repeatable] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)
    removed: list[Removed] = field(default_factory=list)
