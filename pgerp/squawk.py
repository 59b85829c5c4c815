"""squawk's findings on migration files: a linter of what a migration does to a live database."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from pgerp.migrations import Migration
from pgerp.rehearse_report import Finding

MISSING = "squawk not installed: pip install squawk-cli."
TIMEOUT_S = 120
# For projects without a .squawk.toml: what the runner sets, and what it makes needless.
EXCLUDED = (
    "require-lock-timeout",
    "require-statement-timeout",
    "require-timeout-settings",
    "prefer-robust-stmts",
)


def find() -> Path | None:
    """Return squawk's path: beside this Python, else on PATH; None when it is not installed."""
    beside = Path(sys.executable).parent / "squawk"
    if beside.is_file():
        return beside
    found = shutil.which("squawk")
    return Path(found) if found else None


def lint(
    migrations: Sequence[Migration], server_version: str
) -> tuple[dict[str, list[Finding]], str]:
    """Run squawk over migration files.

    Args:
        migrations: The files; each project's own .squawk.toml counts, if it has one.
        server_version: PostgreSQL release that they are for, "15.14".

    Returns:
        Findings by migration id in the order of their lines, and why there are none for some
        files ("" normally).
    """
    program = find()
    if program is None:
        return {}, MISSING
    findings: dict[str, list[Finding]] = {}
    problem = ""
    groups: dict[tuple[Path, bool], list[Migration]] = {}
    for migration in migrations:
        groups.setdefault((migration.project.root, migration.transactional), []).append(migration)
    for (root, transactional), group in groups.items():
        command = [str(program), "--reporter=json", f"--pg-version={server_version}"]
        config = root / ".squawk.toml"
        command += [f"--config={config}"] if config.is_file() else []
        command += [] if config.is_file() else [f"--exclude={','.join(EXCLUDED)}"]
        command += ["--assume-in-transaction" if transactional else "--no-assume-in-transaction"]
        found, trouble = _run([*command, *(str(one.path) for one in group)], root)
        problem = problem or trouble
        for migration in group:
            findings[migration.id] = found.get(str(migration.path), [])
    return findings, problem


def _run(command: list[str], root: Path) -> tuple[dict[str, list[Finding]], str]:
    """Return squawk's findings by path, and what went wrong."""
    try:
        done = subprocess.run(
            command, cwd=root, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
        )
        rows = json.loads(done.stdout or "[]")
    except (OSError, subprocess.TimeoutExpired, json.JSONDecodeError) as error:
        return {}, f"squawk failed: {error}."
    if done.returncode and not rows:
        said = " ".join(done.stderr.split()) or f"exit code {done.returncode}"
        return {}, f"squawk failed: {said}."
    findings: dict[str, list[Finding]] = {}
    for row in rows:
        finding = Finding(
            line=int(row["line"]) + 1,
            rule=str(row["rule_name"]),
            message=str(row["message"]),
            help=str(row["help"] or ""),
        )
        findings.setdefault(str(row["file"]), []).append(finding)
    for found in findings.values():
        found.sort(key=lambda one: one.line)
    return findings, ""
