"""Comparing what the sheet says with what was tried."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from tests.identity.matrix.attempts import Object
from tests.identity.matrix.sheet import SITUATIONS, Line, shown
from tests.identity.matrix.trying import Outcomes

Sheet = dict[tuple[str, str], Line]


@dataclass(frozen=True)
class Difference:
    """Where a sheet and a database do not agree.

    Attributes:
        name: The object.
        letter: What was tried.
        expected: The outcome that the sheet has.
        found: What came of it.
        rows: Its line as it is, and as it would be with that outcome.
    """

    name: str
    letter: str
    expected: str
    found: str
    rows: str


def line_of(sheet: Sheet, one: Object) -> Line | None:
    """Return an object's line: its own, or that of all years."""
    return sheet.get((one.kind, one.name)) or sheet.get((one.kind, one.line))


def without_line(sheet: Sheet, objects: Iterable[Object]) -> set[str]:
    """Return the objects that the sheet does not have."""
    return {f"{one.kind} {one.name}" for one in objects if line_of(sheet, one) is None}


def without_object(sheet: Sheet, objects: Iterable[Object]) -> set[str]:
    """Return the lines that are of nothing in the catalog."""
    names = {(one.kind, name) for one in objects for name in (one.name, one.line)}
    return {f"{kind} {name}" for kind, name in sheet.keys() - names}


def differences(
    sheet: Sheet, objects: Iterable[Object], tried: Outcomes, role: str, situation: str
) -> list[Difference]:
    """Return where a role in a situation does not get what the sheet says; of what has a line."""
    number = SITUATIONS.index(situation)
    result = []
    for one in objects:
        line = line_of(sheet, one)
        for letter, found in tried[one.kind, one.name].items() if line else ():
            five = line.cells[role][letter]
            if five[number] != found:
                as_found = (*five[:number], found, *five[number + 1 :])
                cells = line.cells | {role: line.cells[role] | {letter: as_found}}
                as_it_is = replace(line, name=one.name, cells=cells)
                rows = f"-{shown(line.words())}+{shown(as_it_is.words())}"
                result.append(Difference(one.name, letter, five[number], found, rows))
    return result


def report(found: list[Difference]) -> str:
    """Say what to look at."""
    return "".join(
        f"{one.name}: {one.letter} came to {one.found}, not {one.expected}\n{one.rows}"
        for one in found
    )
