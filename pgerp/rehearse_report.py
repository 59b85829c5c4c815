"""What a rehearsal found, as data, as JSON and as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from pgerp.errors import EXIT_BROKEN, EXIT_CLEAN, EXIT_PENDING

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


@dataclass
class FileReport:
    """One pending file.

    Attributes:
        id: The migration's id.
        path: The file, for display.
        transactional: Whether it runs in one transaction.
        statements: Its statements, up to the one that failed.
        error: Why it failed, one paragraph with file:line; "" when it did not.
    """

    id: str
    path: str
    transactional: bool
    statements: list[StatementReport] = field(default_factory=list)
    error: str = ""


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
    for file in report.files:
        total = sum(one.duration_ms or 0 for one in file.statements)
        kind = "" if file.transactional else ", not transactional"
        yield ""
        yield f"{file.path}  ({_count(len(file.statements), 'statement')}, {total:.0f} ms{kind})"
        for statement in file.statements:
            yield from _statement_lines(statement)
        if file.error:
            yield f"  FAILED {file.error}"
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
