"""What each session of the chaos asked for and was told, in a file of its own outside the database.

A line before a request is sent (`do`), one after its answer (`did`, `refused`), each on disk before
the worker goes on. A request without an answer has an unknown outcome: it is sent again.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

CENT = Decimal("0.01")
MAKING = {"post", "euro", "pair", "batch", "skip", "draft", "hold"}

Line = tuple[str, Decimal, str | None, Decimal | None]
"""Account, functional amount, currency, amount in it; debit positive."""


@dataclass
class Entry:
    """An entry that the database has acknowledged: what was asked for, its id, where it stands."""

    request: dict[str, Any]
    id: str
    state: str


@dataclass
class History:
    """One worker's file, read from its beginning."""

    requests: dict[str, dict[str, Any]] = field(default_factory=dict)
    groups: list[list[str]] = field(default_factory=list)
    entries: dict[str, Entry] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    undoing: set[str] = field(default_factory=set)
    undone: dict[str, str] = field(default_factory=dict)
    seals: dict[int, str] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    pending: dict[str, Any] | None = None
    number: int = 0

    def take(self, record: dict[str, Any]) -> None:
        """Go on by one line of the file."""
        if "do" in record:
            self.pending = record
            self.number = record["do"]
            for request in record.get("entries", []):
                self.requests[request["key"]] = request
            if record["kind"] in ("pair", "batch"):
                self.groups.append([request["key"] for request in record["entries"]])
            if record["kind"] in ("reverse", "contest", "void"):
                self.undoing.add(record["key"])
        elif "wrong" in record:
            self.wrong.append(record["wrong"])
        elif self.pending is not None:
            kind = self.pending["kind"]
            self._answer(kind, self.pending, record)
            name = f"{kind} {record['refused']}" if "refused" in record else kind
            self.counts[name] = self.counts.get(name, 0) + 1
            self.pending = None

    def _answer(self, kind: str, asked: dict[str, Any], told: dict[str, Any]) -> None:
        made = asked.get("entries", [])
        if "refused" in told:
            self.refused |= {request["key"] for request in made}
        elif kind in MAKING:
            state = {"draft": "DRAFT", "hold": "HELD"}.get(kind, "POSTED")
            for request, entry_id in zip(made, told["ids"], strict=True):
                if entry_id is None:
                    self.refused.add(request["key"])
                else:
                    self.entries[request["key"]] = Entry(request, entry_id, state)
        elif kind in ("post_draft", "post_held"):
            self.entries[asked["key"]].state = "POSTED"
        elif kind in ("release", "drop"):
            self.entries[asked["key"]].state = "VOIDED"
        elif kind in ("reverse", "contest", "void"):
            if asked["key"] in self.entries:
                self.entries[asked["key"]].state = "REVERSED"
            if told["ids"]:
                self.undone[asked["key"]] = told["ids"][0]
        elif kind == "seal":
            self.seals |= {int(number): seal for number, seal in told["seals"].items()}

    def keys(self, *states: str) -> list[str]:
        """The keys of entries in these states, oldest first."""
        return [key for key, entry in self.entries.items() if entry.state in states]


class Log:
    """The file of a worker, opened for writing; every line is on disk when `write` returns."""

    def __init__(self, path: Path) -> None:
        self._handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def write(self, record: dict[str, Any]) -> dict[str, Any]:
        os.write(self._handle, json.dumps(record).encode() + b"\n")
        os.fsync(self._handle)
        return record


def read(path: Path) -> History:
    """Read a worker's file; the last line may be cut off where the worker was killed."""
    history = History()
    if path.exists():
        data = path.read_bytes()
        for line in data[: data.rfind(b"\n") + 1].splitlines():
            history.take(json.loads(line))
    return history


def expected_lines(request: dict[str, Any]) -> list[Line]:
    """The lines that a request asks for, computed without the database."""
    lines = []
    for line in request["lines"]:
        amount = Decimal(line.get("debit", 0)) - Decimal(line.get("credit", 0))
        if "currency" in line:
            worth = (amount * Decimal(line["rate"])).quantize(CENT, ROUND_HALF_UP)
            lines.append((line["account"], worth, line["currency"], amount))
        else:
            lines.append((line["account"], amount, None, None))
    return lines
