"""What can be seen of a statement: locks, and work that grows with a relation."""

from __future__ import annotations

from dataclasses import dataclass

# Lock modes, weakest first, and who waits while another session holds one.
MODES = {
    "ACCESS SHARE": "nobody waits but DROP, TRUNCATE and most ALTER",
    "ROW SHARE": "nobody waits but DDL",
    "ROW EXCLUSIVE": "nobody waits but DDL",
    "SHARE UPDATE EXCLUSIVE": "readers and writers go on; VACUUM and other DDL wait",
    "SHARE": "writers wait",
    "SHARE ROW EXCLUSIVE": "writers wait",
    "EXCLUSIVE": "writers wait",
    "ACCESS EXCLUSIVE": "readers and writers wait",
}
STRENGTH = {mode: strength for strength, mode in enumerate(MODES)}


@dataclass(frozen=True)
class Lock:
    """A lock that a statement took and holds until its transaction ends.

    Attributes:
        relation: Qualified name.
        mode: The strongest mode that the statement took, e.g. "ACCESS EXCLUSIVE".
        new: True when an earlier pending file makes the relation, so that nobody uses it yet.
    """

    relation: str
    mode: str
    new: bool


@dataclass(frozen=True)
class Size:
    """What a relation weighs on the target.

    Attributes:
        rows: Rows, as the planner estimates them; None when never analysed.
        bytes: Table, indexes and TOAST together.
    """

    rows: int | None
    bytes: int


@dataclass(frozen=True)
class Work:
    """Work that grows with a relation that existed before: a rewrite or a scan of all its rows.

    Attributes:
        relation: Qualified name.
        what: "rewrite", "rebuild" (of an index alone), "check rows", "check foreign key" or
            "build index".
        detail: The constraint or index concerned, "" for none.
        size: The relation on the target; None when it is not there.
    """

    relation: str
    what: str
    detail: str = ""
    size: Size | None = None


@dataclass(frozen=True)
class Seen:
    """What one statement did.

    Attributes:
        duration_ms: The time it took.
        locks: Locks on relations that were there before, stronger than those held already.
        work: Rewrites and scans of such relations.
        creates: Names of the relations that it made.
    """

    duration_ms: float
    locks: list[Lock]
    work: list[Work]
    creates: list[str]
