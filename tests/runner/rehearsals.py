"""Projects of a few pending files, and a database for them, for tests of the rehearsal."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pgerp.migrations import Migration, discover
from pgerp.project import Project
from pgerp.rehearse_report import FileReport, RehearsalReport, StatementReport

ROWS = 5000
TARGET = f"""
CREATE SCHEMA app;
CREATE TABLE app.items (id bigint PRIMARY KEY, name text, amount integer);
CREATE TABLE app.parts (id bigint PRIMARY KEY, item_id bigint);
CREATE TABLE app.checked (id bigint, name text CONSTRAINT c_check CHECK (name IS NOT NULL));
CREATE INDEX items_name_idx ON app.items (name);
INSERT INTO app.items SELECT n, 'x', 1 FROM generate_series(1, {ROWS}) AS n;
ANALYZE app.items;
"""


@contextmanager
def scratch_folder(scratch: Path, name: str, factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Make a folder where scratch servers go, and pytest's own folders do not."""
    factory.getbasetemp()
    folder = scratch / name
    folder.mkdir(mode=0o755)
    before, tempfile.tempdir = tempfile.tempdir, str(folder)
    yield folder
    tempfile.tempdir = before


def project(root: Path, files: dict[str, str]) -> tuple[list[Migration], list[Project]]:
    """Write migrations by name and text; return them, and the project."""
    folder = root / "migrations" / "app"
    folder.mkdir(parents=True)
    for number, (name, text) in enumerate(files.items()):
        (folder / f"20260101_{number:04}_app_{name}.sql").write_text(text + "\n")
    projects = [Project("app", root)]
    return discover(projects), projects


def file(report: RehearsalReport, name: str) -> FileReport:
    """Return the report of the migration of this name."""
    return next(one for one in report.files if one.id.endswith(f"_app_{name}"))


def work(statement: StatementReport) -> list[tuple[str, str, str]]:
    """Return what a statement rewrote and scanned."""
    return [(one.what, one.relation, one.detail) for one in statement.work]
