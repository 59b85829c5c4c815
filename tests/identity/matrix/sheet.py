"""The sheet: what is expected of every object, in a file that people read and tests compare."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

ROLES = (
    "owner", "migrator", "app", "readonly", "auditor", "monitor", "backup", "worker", "subscriber",
    "public",
)  # fmt: skip
SERVICES = (
    "service",
    "service_accounting",
    "service_application",
    "service_billing",
    "service_employee",
    "service_finance",
    "service_inventory",
    "service_lending",
    "service_payroll",
    "service_procurement",
    "service_supply_chain",
)
"""Roles that have what app has, or nothing: one column says which."""
ALL_ROLES = ROLES + SERVICES
OWNERS = ROLES[:2]
CLIENTS = ALL_ROLES[2:]
READERS = ("app", "readonly", "auditor", "monitor", *SERVICES)
SITUATIONS = ("own", "business", "tenant", "none", "expired")
HEAD = (
    *("owner", "migr.", "app", "read.", "audit.", "monit.", "backup", "worker", "subsc.", "public"),
    *(*SITUATIONS, "services"),
)
WIDTHS = (42, *[6] * len(ROLES), *[8] * len(SITUATIONS), 0)
KINDS = {
    "table": "SIUDT",
    "partition": "SIUDT",
    "view": "SIUDT",
    "materialized view": "SIUDT",
    "sequence": "SU",
    "function": "X",
}
"""The letters of what is tried on each kind of object."""

# Counts and ages of all tenants together, and what the server says: for who watches alone.
OF_MONITORING = {
    "events.backlog",
    "events.replication_status",
    "events.subscription_status",
    "events.worker_status",
    "messaging.queue_status",
}

DENIED, HELD, UNGRANTED = "denied", "held", "ungranted"
DONE, STOPPED, MAY = "done", "stopped", "may"
NONE, ALL, TELLS = "none", "all", "tells"
EVERYTHING = (("S", ALL), ("X", TELLS))

EXPECTED = Path(__file__).parent / "expected.txt"

Five = tuple[str, ...]
"""What an attempt came to, in the order of SITUATIONS."""

SERVICE = re.compile(r"(?P<name>\w+)(:(?P<cell>([^,\[]|\[[^\]]*\])+))?")
CELL = re.compile(r"(?P<mark>[!(]?)(?P<letter>[A-Za-z])(?P<more>\*|\[[\w,]+\])?\)?")


def short(role: str) -> str:
    """Return the short name of a service, "acc" for pgerp_service_accounting."""
    return role.removeprefix("service_")[:3]


SHORT = [short(role) for role in SERVICES]


@dataclass(frozen=True)
class Line:
    """What each role may do with one object.

    Attributes:
        kind: One of KINDS.
        name: With its schema; `_<year>` stands for the partitions of all years.
        cells: By role and letter.
    """

    kind: str
    name: str
    cells: dict[str, dict[str, Five]]

    @property
    def columns(self) -> Five:
        """What reading or calling it comes to, for the first client that may."""
        letter = "X" if self.kind == "function" else "S"
        for role in READERS:
            five = self.cells[role][letter]
            if not {DENIED, HELD, UNGRANTED} & set(five):
                return five
        return ("-",) * len(SITUATIONS)

    def words(self) -> list[str]:
        """Return the line as words: the name, a cell for each role, the columns."""
        cells = [self._cell(role) for role in ROLES]
        return [self.name, *cells, *self.columns, self._services()]

    def _services(self) -> str:
        """Return the services that may something: all, or their short names."""
        found = [
            short(role) if self.cells[role] == self.cells["app"] else f"{short(role)}:{cell}"
            for role in SERVICES
            if (cell := self._cell(role)) != "-"
        ]
        return "all" if found == SHORT else ",".join(found) or "-"

    def _cell(self, role: str) -> str:
        letters = self.cells[role]
        return "".join(self._shown(letter, letters[letter]) for letter in KINDS[self.kind]) or "-"

    def _shown(self, letter: str, five: Five) -> str:
        only = five[0] if len(set(five)) == 1 else None
        is_reading = letter in "SX"
        if only == DENIED:
            return ""
        if only == HELD:
            return f"({letter})"
        if only == UNGRANTED:
            return f"!{letter}"
        if (
            only == MAY
            or (is_reading and five == self.columns)
            or (not is_reading and only == DONE)
        ):
            return letter
        if (letter, only) in EVERYTHING:
            return f"{letter}*"
        if (letter == "S" and only == NONE) or (not is_reading and only == STOPPED):
            return letter.lower()
        return f"{letter}[{only or ','.join(five)}]"


def read(kind: str, words: list[str]) -> Line:
    """Return the line that `Line.words` wrote."""
    name, columns = words[0], tuple(words[1 + len(ROLES) : -1])
    assert len(columns) == len(SITUATIONS), f"not a line: {' '.join(words)}"
    cells = {}
    everybody = zip(ALL_ROLES, words[1 : 1 + len(ROLES)] + _of_services(words), strict=True)
    for role, cell in everybody:
        letters = dict.fromkeys(KINDS[kind], (DENIED,) * len(SITUATIONS))
        for found in CELL.finditer(cell):
            letters[found["letter"].upper()] = _meant(found, role, columns)
        cells[role] = letters
    return Line(kind, name, cells)


def _of_services(words: list[str]) -> list[str]:
    """Return the cell of each service, from the last column of a row."""
    app = words[1 + ROLES.index("app")]
    listed = dict.fromkeys(SHORT, app) if words[-1] == "all" else {}
    for found in SERVICE.finditer(words[-1] if not listed else ""):
        listed[found["name"]] = found["cell"] or app
    return [listed.get(name, "-") for name in SHORT]


def _meant(found: re.Match[str], role: str, columns: Five) -> Five:
    letter, more = found["letter"], found["more"] or ""
    if found["mark"]:
        only = HELD if found["mark"] == "(" else UNGRANTED
    elif more == "*":
        only = dict(EVERYTHING)[letter]
    elif more:
        listed = tuple(more[1:-1].split(","))
        return listed if len(listed) > 1 else listed * len(SITUATIONS)
    elif letter == "X" and role in OWNERS:
        only = MAY
    elif letter in "SX":
        return columns
    elif letter.islower():
        only = NONE if letter == "s" else STOPPED
    else:
        only = DONE
    return (only,) * len(SITUATIONS)


def parse(text: str) -> dict[tuple[str, str], Line]:
    """Return the lines of a sheet by kind and name."""
    lines: dict[tuple[str, str], Line] = {}
    kind = ""
    for row in text.splitlines():
        words = row.split()
        if row.startswith("["):
            kind = row.strip("[]")
        elif words and not row.startswith(("#", " ")):
            line = read(kind, words)
            assert (kind, line.name) not in lines, f"twice in the sheet: {line.name}"
            lines[kind, line.name] = line
    return lines


def render(legend: str, lines: Iterable[Line]) -> str:
    """Return a sheet of these lines, below its legend."""
    parts, everything = [legend], list(lines)
    for kind in KINDS:
        rows = sorted(line.words() for line in everything if line.kind == kind)
        parts += [f"\n[{kind}]\n", *map(shown, ([f"# {'name':40}", *HEAD], *rows))]
    return "".join(parts)


def shown(words: list[str]) -> str:
    """Return words as a row; its widths do not depend on other rows, which stay as they are."""
    texts = (word.ljust(width) for word, width in zip(words, WIDTHS, strict=True))
    return f"{' '.join(texts).rstrip()}\n"


def legend(text: str) -> str:
    """Return what stands above the lines of a sheet."""
    return text[: text.index("\n[")]


def fold(lines: Iterable[Line], folded: Callable[[Line], str]) -> list[Line]:
    """Return one line for those that are alike and have the same folded name."""
    groups: dict[tuple[str, str], list[Line]] = {}
    for line in lines:
        groups.setdefault((line.kind, folded(line)), []).append(line)
    result: list[Line] = []
    for (kind, name), group in groups.items():
        if all(line.cells == group[0].cells for line in group):
            result.append(Line(kind, name, group[0].cells))
        else:
            result.extend(group)
    return result
