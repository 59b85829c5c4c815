"""Importing a journal file: check all of it, then post it in batches that survive a kill."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from pgerp.errors import PgerpError
from pgerp.importchart import Books, create_missing, load_books
from pgerp.importcheck import Checker, Finding, source_fault
from pgerp.importfile import JournalFile
from pgerp.importpost import FIRST_BATCH, Outcome, Poster, Sent, compare, order_matters
from pgerp.importscratch import Problem, Scratch, write_problems
from pgerp.session import (
    TenantSession,
    database_error,
    privilege_error,
    require_ledger,
    tenant_names,
)

SHOWN_PROBLEMS = 50
DEFAULT_BATCH = 5000
_TICK = 500

Progress = Callable[[str, int, int], None]
"""Called with (what is done, how much of it is done, how much there is)."""


@dataclass(frozen=True)
class ImportOptions:
    """What to import into.

    Attributes:
        tenant: Name of the tenant.
        business: Code of the business.
        create: Make what is missing: tenant, business, fiscal years, accounts.
        skip_bad: Import the good entries of a file that has bad ones.
        batch: Lines per transaction; an entry is never split.
        source: Names the file in idempotency keys; None = the file's name without its suffix.
        jobs: Batches posted at a time, at most.
    """

    tenant: str
    business: str
    create: bool = False
    skip_bad: bool = False
    batch: int = DEFAULT_BATCH
    source: str | None = None
    jobs: int = 1


@dataclass
class ImportResult:
    """What an import did.

    Attributes:
        source: The source in the idempotency keys.
        entries: Entries in the file.
        lines: Lines of entries in the file.
        new: Entries that this run put into the books.
        existing: Entries that were there already, unchanged.
        left_out: Entries that were not imported because of problems.
        problem_count: Problems found.
        problems: The first SHOWN_PROBLEMS of them, by line.
        created: What `create` made, in words.
    """

    source: str
    entries: int = 0
    lines: int = 0
    new: int = 0
    existing: int = 0
    left_out: int = 0
    problem_count: int = 0
    problems: list[Problem] = field(default_factory=list)
    created: list[str] = field(default_factory=list)


def import_file(
    connection: psycopg.Connection,
    path: Path,
    options: ImportOptions,
    *,
    progress: Progress = lambda what, done, total: None,
    errors_to: Path | None = None,
    connect: Callable[[], psycopg.Connection] | None = None,
) -> ImportResult:
    """Import a journal file: all of it, or nothing unless `skip_bad`.

    The file is read twice. The first pass checks every line against the format and the books;
    the second posts batches, one transaction each, several at a time where `jobs` says so and the
    order of entries does not matter. Every entry carries the idempotency key
    `import:<source>:<entry>`, so a run that was killed is completed by running it again.

    Args:
        connection: An open connection in autocommit of a role that may issue tokens.
        path: The file, see JournalFile.
        options: Where to import it.
        progress: Told how far the two passes are: bytes of the file, then entries.
        errors_to: A CSV file that gets every problem: line,entry,reason.
        connect: Opens another connection like `connection`, for more than one job; this function
            closes it. None: one job.

    Returns:
        What was done. With problems and without `skip_bad`, nothing was, unless the books changed
        during the import (a period closed by somebody else): batches posted by then stay.

    Raises:
        PgerpError: The file cannot be read; tenant or business is missing; the server refuses.
    """
    source = options.source if options.source is not None else path.stem
    if fault := source_fault(source):
        raise PgerpError(
            f"the source {source!r} {fault}", where=str(path), hint="Name it with --source."
        )
    result = ImportResult(source)
    try:
        require_ledger(connection)
        books = _open_books(connection, options)
        with JournalFile(path) as file, Scratch() as scratch:
            run = _Run(books, file, scratch, options, result, progress)
            run.check()
            if run.to_post and (options.skip_bad or not scratch.problem_count()):
                run.post(connection, connect)
            result.left_out = scratch.left_out_count()
            result.problem_count = scratch.problem_count()
            result.problems = list(scratch.problems(SHOWN_PROBLEMS))
            if errors_to is not None:
                write_problems(scratch, errors_to)
    except psycopg.errors.InsufficientPrivilege as error:
        raise privilege_error(connection, error) from error
    except psycopg.Error as error:
        raise database_error(error, str(path)) from error
    return result


def _open_books(connection: psycopg.Connection, options: ImportOptions) -> Books:
    """Find tenant and business; PgerpError if one is missing that may not be made."""
    tenant_id = tenant_names(connection).get(options.tenant)
    if tenant_id is None and not options.create:
        raise PgerpError(
            f"there is no tenant {options.tenant!r}",
            where=connection.info.dbname,
            hint="Correct --tenant, or add --create to make it.",
        )
    session = None if tenant_id is None else TenantSession(connection, tenant_id)
    books = load_books(connection, session, options.tenant, options.business)
    if not books.has_business and not options.create:
        raise PgerpError(
            f"tenant {options.tenant!r} has no business {options.business!r}",
            where=connection.info.dbname,
            hint="Correct --business, or add --create to make it.",
        )
    return books


class _Run:
    """One import under way: the two passes over the file."""

    def __init__(
        self,
        books: Books,
        file: JournalFile,
        scratch: Scratch,
        options: ImportOptions,
        result: ImportResult,
        progress: Progress,
    ) -> None:
        self.books = books
        self.file = file
        self.scratch = scratch
        self.options = options
        self.result = result
        self.progress = progress
        self.prefix = f"import:{result.source}:"
        self.checker = Checker(books, self.prefix, create=options.create)
        self.to_post = 0

    def check(self) -> None:
        """First pass: find every problem, write nothing."""
        result, was_imported = self.result, self._was_imported()
        waiting: list[Sent] = []
        waiting_lines = 0
        for entry in self.file.entries():
            result.entries += 1
            result.lines += len(entry.lines) + len(entry.malformed)
            if entry.number:
                self.scratch.saw(entry.number, entry.line)
            findings = self.checker.check(entry)
            if not was_imported or any(not finding.of_books for finding in findings):
                self._settle(entry.line, entry.number, findings)
            else:
                request = self.checker.request(entry)
                waiting.append(Sent(entry.line, entry.number, request, findings))
                waiting_lines += len(entry.lines)
                if waiting_lines >= self.options.batch:
                    self._compare(waiting)
                    waiting, waiting_lines = [], 0
            if result.entries % _TICK == 0:
                self.progress("checking", self.file.position(), self.file.size)
        if waiting:
            self._compare(waiting)
        self.scratch.flush()
        self.progress("checking", self.file.size, self.file.size)

    def _settle(self, line: int, number: str, findings: list[Finding]) -> None:
        """Count a good entry; keep the problems of a bad one."""
        if not findings:
            self.to_post += 1
            return
        self.scratch.leave_out(line)
        for finding in findings:
            self.scratch.add(Problem(finding.line, number, finding.reason))

    def _was_imported(self) -> bool:
        """Return whether any entry of this source is in the books."""
        if self.books.session is None:
            return False
        with self.books.session.transaction() as cursor:
            cursor.execute(
                "SELECT EXISTS (SELECT FROM ledger.idempotency_keys AS k"
                " WHERE k.tenant_id = %s AND starts_with(k.idempotency_key, %s))",
                (self.books.session.tenant_id, self.prefix),
            )
            return cursor.fetchone() == (True,)

    def _compare(self, batch: list[Sent]) -> None:
        """Settle entries of a file that was imported before, wholly or in part.

        An entry that is there and unchanged needs nothing more, whatever has become of its period
        and accounts since; one that is there and differs is a problem.
        """
        assert self.books.session is not None
        comparison = compare(self.books.session, self.prefix, batch)
        self.result.existing += comparison.existing
        for entry, reason in comparison.changed:
            self._settle(entry.line, entry.number, [Finding(entry.line, reason)])
        for entry in comparison.absent:
            self._settle(entry.line, entry.number, list(entry.findings))

    def post(
        self, connection: psycopg.Connection, connect: Callable[[], psycopg.Connection] | None
    ) -> None:
        """Second pass: make what is missing, then post what the first pass found good."""
        self.file.check_unchanged()
        result = self.result
        session, result.created = create_missing(connection, self.books)
        result.existing = 0
        total = result.entries - self.scratch.left_out_count()

        def count(outcome: Outcome) -> None:
            result.new += outcome.new
            result.existing += outcome.existing
            for entry, reason in outcome.refused:
                self._settle(entry.line, entry.number, [Finding(entry.line, reason)])
            self.progress("importing", result.new + result.existing, total)

        with ExitStack() as stack:
            sessions = [session]
            if connect is not None and not order_matters(session, self.checker.accounts()):
                for _ in range(1, min(self.options.jobs, result.lines // self.options.batch)):
                    other = stack.enter_context(connect())
                    sessions.append(TenantSession(other, session.tenant_id))
            Poster(
                sessions,
                skip_bad=self.options.skip_bad,
                where=self.file.where,
                on_outcome=count,
            ).run(self._batches())

    def _batches(self) -> Iterator[list[Sent]]:
        """Yield the good entries in batches; the first is small, since statistics follow it."""
        most = min(self.options.batch, FIRST_BATCH)
        left_out = self.scratch.left_out()
        skip = next(left_out, None)
        batch: list[Sent] = []
        lines = 0
        for entry in self.file.entries():
            if entry.line == skip:
                skip = next(left_out, None)
                continue
            batch.append(Sent(entry.line, entry.number, self.checker.request(entry)))
            lines += len(entry.lines)
            if lines >= most:
                self.file.check_unchanged()
                yield batch
                batch, lines, most = [], 0, self.options.batch
        self.file.check_unchanged()
        if batch:
            yield batch
