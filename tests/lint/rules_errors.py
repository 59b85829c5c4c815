"""House SQLSTATEs (class Z?) and their registry, sql/ERRORS.md, agree."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from .source import Finding, SqlFile

REGISTRY = Path("sql/ERRORS.md")
CODE = re.compile(r"\bZ[A-Z][0-9A-Z]{3}\b")
RAISED = re.compile(r"'(Z[A-Z][0-9A-Z]{3})'")
LISTED = re.compile(r"^[^\w\n]*(Z[A-Z][0-9A-Z]{3})\b", re.MULTILINE)


def registry(root: Path) -> dict[str, int]:
    """Return the listed codes and their lines: those that begin a heading or a table's row."""
    path = root / REGISTRY
    if not path.is_file():
        return {}
    text = path.read_text(encoding="utf-8")
    return {m.group(1): text.count("\n", 0, m.start(1)) + 1 for m in LISTED.finditer(text)}


def unlisted(files: Iterable[SqlFile], listed: dict[str, int]) -> Iterator[Finding]:
    """Yield the codes that SQL files name (in code or comments) and the registry does not."""
    for file in files:
        for match in CODE.finditer(file.text):
            if match.group() not in listed:
                line = file.line_at(match.start())
                yield Finding(file.path, line, "errors", f"{match.group()} is not in {REGISTRY}")


def unused(files: Iterable[SqlFile], listed: dict[str, int]) -> Iterator[Finding]:
    """Yield the codes of the registry that no SQL file raises."""
    raised = {code for file in files for code in RAISED.findall(file.text)}
    for code, line in listed.items():
        if code not in raised:
            yield Finding(REGISTRY, line, "errors", f"{code} is raised by no function")


def listed_twice(root: Path) -> Iterator[Finding]:
    """Yield the codes that the registry lists a second time."""
    path = root / REGISTRY
    if not path.is_file():
        return
    text = path.read_text(encoding="utf-8")
    seen: set[str] = set()
    for match in LISTED.finditer(text):
        if match.group(1) in seen:
            line = text.count("\n", 0, match.start(1)) + 1
            yield Finding(REGISTRY, line, "errors", f"{match.group(1)} is listed twice")
        seen.add(match.group(1))
