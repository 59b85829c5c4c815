"""Check the house style of SQL: `python -m tests.lint.sql_style [--root DIR] [--fix] [PATH …]`.

Without paths every SQL file below migrations/, functions/, views/, sql/ and seeds/ is checked, the
length of every Python file too, and that sql/ERRORS.md lists no code that nothing raises. Prints
`file:line: rule: message`; exits with 1 when something was found. `--fix` mends the case of
keywords and wraps long comments.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from . import (
    fixes,
    rules_body,
    rules_ddl,
    rules_errors,
    rules_function,
    rules_keywords,
    rules_text,
)
from .source import RULES, SQL_FOLDERS, Finding, SqlFile

__all__ = ["rules_body", "rules_ddl", "rules_function", "rules_keywords"]
PYTHON_FOLDERS = ("pgerp", "tests", "bench")


def find(root: Path, paths: Sequence[Path], suffix: str, folders: Sequence[str]) -> list[Path]:
    """Return the files of a kind below the given paths, or below the folders, relative to root."""
    starts = [path.resolve() for path in paths] or [root / folder for folder in folders]
    found: set[Path] = set()
    for start in starts:
        found.update([start] if start.is_file() else start.rglob(f"*{suffix}"))
    return sorted(path.relative_to(root) for path in found if path.suffix == suffix)


def check(root: Path, paths: Sequence[Path] = ()) -> Iterator[Finding]:
    """Yield every offence.

    Args:
        root: The project's folder.
        paths: Files or folders below it; none = the project, with what only the whole shows.
    """
    files = [SqlFile(root, path) for path in find(root, paths, ".sql", SQL_FOLDERS)]
    for file in files:
        for rule in RULES:
            yield from rule.run(file)
    python = find(root, paths, ".py", PYTHON_FOLDERS)
    for path in [file.path for file in files] + python:
        yield from rules_text.file_length(root, path)
    listed = rules_errors.registry(root)
    yield from rules_errors.unlisted(files, listed)
    if not paths:
        yield from rules_errors.listed_twice(root)
        yield from rules_errors.unused(files, listed)


def fix(root: Path, paths: Sequence[Path]) -> None:
    """Mend the files in place where the right text is beyond doubt; print which changed."""
    for path in find(root, paths, ".sql", SQL_FOLDERS):
        file = SqlFile(root, path)
        fixed = fixes.mended(file)
        if fixed != file.text:
            (root / path).write_text(fixed, encoding="utf-8", newline="")
            print(f"{path}: mended")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(prog="tests.lint.sql_style", description=__doc__)
    parser.add_argument("paths", nargs="*", type=Path)
    parser.add_argument("--root", type=Path, default=Path(__file__).parents[2])
    parser.add_argument("--fix", action="store_true", help="mend keyword case, wrap long comments")
    options = parser.parse_args(arguments)
    root = options.root.resolve()
    if options.fix:
        fix(root, options.paths)
    findings = sorted(set(check(root, options.paths)))
    for finding in findings:
        print(finding)
    if findings:
        print(f"{len(findings)} offences", file=sys.stderr)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
