"""verify: do files, catalog and books agree? Checksums, drift, sql/checks, and the seals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pgerp import checks, drift
from pgerp.checks import Outcome
from pgerp.drift import Drift
from pgerp.errors import EXIT_BROKEN, EXIT_CLEAN, PgerpError
from pgerp.history import Connection
from pgerp.migrations import discover
from pgerp.project import Project
from pgerp.survey import Survey, survey

if TYPE_CHECKING:
    from pgerp.sealreport import SealsReport


@dataclass(frozen=True)
class Report:
    """What verify found.

    Attributes:
        survey: The migrations and repeatables of the database, with the problems of their
            checksums.
        drift: How the catalog differs from the files; None = not asked for.
        checks: What each check found.
        seals: What the seals of the journal tell; None = not asked for, or the database has none.
        audit_seals: The same of the audit log.
    """

    survey: Survey
    drift: Drift | None
    checks: list[Outcome] = field(default_factory=list)
    seals: SealsReport | None = None
    audit_seals: SealsReport | None = None

    @property
    def healthy(self) -> bool:
        """Whether nothing is wrong, and everything that was asked for could be looked at.

        Pending files are no fault, nor are files that are gone while their objects remain: drift
        tells the latter as extra objects.
        """
        drifted = self.drift and (self.drift.reason or self.drift.differences)
        wrong = [o for o in self.checks if o.state in ("offenders", "not checked")]
        tampered = any(found and not found.healthy for found in (self.seals, self.audit_seals))
        return not (self.survey.state.problems or drifted or wrong or tampered)

    @property
    def exit_code(self) -> int:
        """0 = healthy, 2 = not."""
        return EXIT_CLEAN if self.healthy else EXIT_BROKEN

    def as_json(self) -> dict[str, Any]:
        """Return the document of `verify --json`; its keys are stable, more may be added."""
        status = self.survey.status_json()
        return {
            "state": "healthy" if self.healthy else "broken",
            "database": status["database"],
            "server_version": status["server_version"],
            "checksums": {
                "state": "problems" if status["problems"] else "ok",
                "applied": len(status["applied"]),
                "problems": status["problems"],
                "pending": status["pending"],
                "repeatables_pending": status["repeatables_pending"],
                "removed_files": status["removed_files"],
            },
            "drift": _drift_json(self.drift),
            "checks": [_check_json(outcome) for outcome in self.checks],
            "seals": {"state": "not asked"} if self.seals is None else self.seals.as_json(),
            "audit_seals": {"state": "not asked"}
            if self.audit_seals is None
            else self.audit_seals.as_json(),
        }


def verify(
    conn: Connection,
    connect: Callable[..., Connection],
    projects: Sequence[Project],
    *,
    with_drift: bool = True,
    all_schemas: bool = False,
    with_seals: bool = True,
    seals_file: Path | None = None,
) -> Report:
    """Look at a database in four ways; nothing in it is changed.

    Args:
        conn: A connection to it in autocommit mode.
        connect: Opens another one to the same server: `connect(dbname=…)`.
        projects: The projects.
        with_drift: Whether to compare the catalog with one built in a scratch database.
        all_schemas: Whether drift is to report schemas of nobody's project as extra, too.
        with_seals: Whether to verify the journal and the audit log against their seals.
        seals_file: Seals that were exported, to compare with.

    Raises:
        PgerpError: a file is wrong, the role may not read the runner's tables, or the database
            has none.
    """
    found = survey(conn, projects)
    if not found.initialised:
        raise PgerpError(
            "the database has no migrations to verify",
            where=f"database {found.database}",
            hint="Run pgerp up; or pgerp baseline, if it has the schema already.",
        )
    difference = None
    if with_drift:
        difference = drift.find(
            conn, connect, projects, discover(projects), found.state, all_schemas=all_schemas
        )
    outcomes = checks.run(conn, checks.discover(projects))
    if not with_seals:
        return Report(found, difference, outcomes)
    from pgerp.seallog import LogRows
    from pgerp.sealverify import verify_seals

    return Report(
        found,
        difference,
        outcomes,
        verify_seals(conn, seals_file),
        verify_seals(conn, seals_file, of=LogRows),
    )


def _drift_json(found: Drift | None) -> dict[str, Any]:
    if found is None:
        return {"state": "not asked"}
    state = "not checked" if found.reason else "differences" if found.differences else "ok"
    return {
        "state": state,
        "reason": found.reason,
        "built_on": found.built_on,
        "differences": [
            {
                "kind": one.kind,
                "object": one.object,
                "expected": one.expected,
                "actual": one.actual,
            }
            for one in found.differences
        ],
        "partitions": found.partitions,
        "not_compared": found.not_compared,
        "not_ours": found.not_ours,
    }


def _check_json(outcome: Outcome) -> dict[str, Any]:
    return {
        "name": outcome.check.name,
        "title": outcome.check.title,
        "state": outcome.state,
        "offenders": outcome.offenders,
        "sample": [dict(zip(outcome.columns, row, strict=True)) for row in outcome.sample],
        "reason": outcome.reason,
    }
