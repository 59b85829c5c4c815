"""What a rehearsal found, as data, as JSON and as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from pgerp.errors import EXIT_BROKEN, EXIT_CLEAN, EXIT_PENDING
from pgerp.rehearse_facts import MODES, STRENGTH, Lock, Seen, Size, Work


@dataclass(frozen=True)
class Finding:
    """One finding of squawk.

    Attributes:
        line: Line in the file, counted from 1.
        rule: Its name, e.g. "adding-field-with-default".
        message: What squawk says.
        help: What it advises, or "".
    """

    line: int
    rule: str
    message: str
    help: str = ""


@dataclass
class StatementReport:
    """One statement of a pending file, as it went on the copy.

    Attributes:
        line: Line of its first token in the file.
        text: The statement on one line, shortened.
        duration_ms: Time it took on the copy, whose tables are empty; None when it was not run.
        locks: Locks on relations that existed before the file, the strongest mode each.
        work: Rewrites and scans of relations that existed before the file.
        creates: Relations that it made.
        findings: squawk's.
        skipped: Why it was not run, or "".
    """

    line: int
    text: str
    duration_ms: float | None = None
    locks: list[Lock] = field(default_factory=list)
    work: list[Work] = field(default_factory=list)
    creates: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    skipped: str = ""

    def take(self, seen: Seen) -> None:
        """Take over what was seen while it ran."""
        self.duration_ms = seen.duration_ms
        self.locks, self.work, self.creates = seen.locks, seen.work, seen.creates

    @property
    def is_felt(self) -> bool:
        """Whether anybody could feel it: a lock that stops writers or DDL, or work."""
        strong = STRENGTH["SHARE UPDATE EXCLUSIVE"]
        return bool(self.work) or any(STRENGTH[lock.mode] >= strong for lock in self.locks)


@dataclass
class FileReport:
    """One pending file.

    Attributes:
        id: The migration's id; the key of a repeatable file.
        path: The file, for display.
        kind: "migration", or "function", "view", "trigger", "policy", "grant", which is told as
            one statement.
        transactional: Whether it runs in one transaction.
        statements: Its statements, up to the one that failed.
        error: Why it failed, one paragraph with file:line; "" when it did not.
    """

    id: str
    path: str
    kind: str
    transactional: bool
    statements: list[StatementReport] = field(default_factory=list)
    error: str = ""

    @property
    def is_shown(self) -> bool:
        """Whether the text names it: all but repeatable files that nobody feels."""
        felt = any(statement.is_felt for statement in self.statements)
        return self.kind == "migration" or felt or bool(self.error)


@dataclass
class RehearsalReport:
    """The whole rehearsal.

    Attributes:
        target_version: Release of the target's server, e.g. "15.14".
        copy_version: Release of the server that the copy was on.
        source: Where the copy's schema is from: "pg_dump" or "replay".
        notes: What the reader must know about the copy, whole sentences.
        files: The pending files in their order, up to the one that failed.
        not_run: Ids of the files after it.
    """

    target_version: str
    copy_version: str
    source: str
    notes: list[str] = field(default_factory=list)
    files: list[FileReport] = field(default_factory=list)
    not_run: list[str] = field(default_factory=list)

    @property
    def failed(self) -> bool:
        """Whether a file failed."""
        return any(file.error for file in self.files)

    @property
    def exit_code(self) -> int:
        """2 when a file failed, 1 when there are pending files, else 0."""
        if self.failed:
            return EXIT_BROKEN
        return EXIT_PENDING if self.files else EXIT_CLEAN

    def as_json(self) -> dict[str, Any]:
        """Return the report as plain dicts and lists, keyed by the attributes' names."""
        return {**asdict(self), "failed": self.failed}

    def render(self) -> str:
        """Return the report as text."""
        return "\n".join(_lines(self))


def _lines(report: RehearsalReport) -> Iterator[str]:
    yield (
        f"Rehearsed on a copy in PostgreSQL {report.copy_version}; "
        f"the target is {report.target_version}."
    )
    yield from report.notes
    quiet = [one for one in report.files if not one.is_shown]
    for file in report.files:
        if file in quiet:
            continue
        total = sum(one.duration_ms or 0 for one in file.statements)
        kind = "" if file.transactional else ", not transactional"
        yield ""
        yield f"{file.path}  ({_count(len(file.statements), 'statement')}, {total:.0f} ms{kind})"
        for statement in file.statements:
            yield from _statement_lines(statement)
        if file.error:
            yield f"  FAILED {file.error}"
    if quiet:
        yield ""
        files = _count(len(quiet), "repeatable file")
        yield f"{files} more: nobody's reading or writing waits for them. --json lists them."
    if report.not_run:
        yield ""
        yield f"Not rehearsed, since a file before failed: {', '.join(report.not_run)}."


def _statement_lines(statement: StatementReport) -> Iterator[str]:
    time = "" if statement.duration_ms is None else f"  {statement.duration_ms:.1f} ms"
    yield f"  {statement.line:>4}  {statement.text}{time}"
    indent = " " * 8
    if statement.skipped:
        yield f"{indent}not run: {statement.skipped}"
    for lock in statement.locks:
        who = "new, nobody uses it yet" if lock.new else MODES[lock.mode]
        yield f"{indent}lock    {lock.mode} on {lock.relation}: {who}"
    for work in statement.work:
        detail = f" {work.detail}" if work.detail else ""
        yield f"{indent}{work.what}{detail}: {work.relation}{_size(work.size)}"
    for finding in statement.findings:
        advice = f" {finding.help}" if finding.help else ""
        yield f"{indent}squawk  line {finding.line}: {finding.rule}: {finding.message}{advice}"


def _size(size: Size | None) -> str:
    if size is None:
        return ""
    rows = "rows never counted" if size.rows is None else f"about {size.rows:,} rows"
    return f", on the target {_bytes(size.bytes)}, {rows}"


def _bytes(number: float) -> str:
    for unit in ("bytes", "kB", "MB", "GB"):
        if number < 1024:
            return f"{number:.0f} {unit}"
        number /= 1024
    return f"{number:.1f} TB"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
