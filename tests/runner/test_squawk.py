"""squawk's findings: by migration and line, with the project's own settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from pgerp import squawk
from pgerp.migrations import Migration, discover
from pgerp.project import Project

VOLATILE = "ALTER TABLE app.t ADD COLUMN u uuid NOT NULL DEFAULT gen_random_uuid();\n"
CONCURRENTLY = "SELECT 1;\nCREATE INDEX CONCURRENTLY t_idx ON app.t (v);\n"


def migrations(root: Path, *texts: str) -> list[Migration]:
    folder = root / "migrations" / "app"
    folder.mkdir(parents=True)
    for number, text in enumerate(texts):
        (folder / f"20260101_000{number}_app_x.sql").write_text(text)
    return discover([Project("app", root)])


def rules(migration: Migration) -> dict[str, int]:
    found, problem = squawk.lint([migration], "15.4")
    assert problem == ""
    return {one.rule: one.line for one in found[migration.id]}


def test_a_finding_is_told_by_rule_and_line(tmp_path: Path) -> None:
    (migration,) = migrations(tmp_path, "-- why\nSELECT 1;\n\n" + VOLATILE)
    assert rules(migration)["adding-field-with-default"] == 4


def test_findings_belong_to_their_own_file(tmp_path: Path) -> None:
    first, second = migrations(tmp_path, "SELECT 1;\n", VOLATILE)
    found, _ = squawk.lint([first, second], "15.4")
    assert found[first.id] == []
    assert "adding-field-with-default" in [one.rule for one in found[second.id]]


def test_what_the_runner_sets_is_no_finding(tmp_path: Path) -> None:
    (migration,) = migrations(tmp_path, VOLATILE)
    assert not {"require-lock-timeout", "require-statement-timeout"} & set(rules(migration))


def test_a_file_outside_a_transaction_may_build_an_index_concurrently(tmp_path: Path) -> None:
    inside, outside = migrations(tmp_path, CONCURRENTLY, "-- transactional: false\n" + CONCURRENTLY)
    assert "ban-concurrent-index-creation-in-transaction" in rules(inside)
    assert "ban-concurrent-index-creation-in-transaction" not in rules(outside)


def test_the_settings_of_the_project_count(tmp_path: Path) -> None:
    (tmp_path / ".squawk.toml").write_text('excluded_rules = ["adding-field-with-default"]\n')
    (migration,) = migrations(tmp_path, VOLATILE)
    assert "adding-field-with-default" not in rules(migration)


def test_without_squawk_there_are_no_findings_and_a_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(squawk.sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert squawk.lint(migrations(tmp_path, VOLATILE), "15.4") == ({}, squawk.MISSING)


def test_a_squawk_that_fails_is_a_reason_and_not_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "squawk"
    program.write_text("#!/bin/sh\necho broken >&2\nexit 3\n")
    program.chmod(0o755)
    monkeypatch.setattr(squawk.sys, "executable", str(tmp_path / "python"))
    (migration,) = migrations(tmp_path, VOLATILE)
    found, problem = squawk.lint([migration], "15.4")
    assert found[migration.id] == []
    assert "broken" in problem
