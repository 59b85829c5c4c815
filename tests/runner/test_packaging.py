"""The built package works away from the checkout, carries all SQL, and every version is pinned."""

from __future__ import annotations

import importlib.metadata
import os
import re
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from pgerp.db import connect

ROOT = Path(__file__).resolve().parents[2]
SQL_FOLDERS = ("migrations", "functions", "views", "sql", "seeds")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built by way of the source distribution, without a network."""
    target = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(target), str(ROOT)],
        check=True,
        capture_output=True,
    )
    assert len(list(target.glob("pgerp-*.tar.gz"))) == 1
    return next(target.glob("pgerp-*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `pgerp` program of a new environment, where the wheel is installed."""
    folder = tmp_path_factory.mktemp("venv")
    venv.create(folder, with_pip=False)
    python = folder / "bin" / "python"
    packages = Path(
        sysconfig.get_path("purelib", vars={"base": str(folder), "platbase": str(folder)})
    )
    # The other packages are borrowed from here; ours is found first in the new environment.
    (packages / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    pip = [sys.executable, "-m", "pip", "--python", str(python), "--disable-pip-version-check"]
    install = ["install", "--quiet", "--no-index", "--no-deps", str(wheel)]
    subprocess.run([*pip, *install], check=True)
    return folder / "bin" / "pgerp"


def test_the_wheel_carries_every_sql_file_and_no_tests(wheel: Path) -> None:
    packed = {
        name.removeprefix("pgerp/_project/")
        for name in zipfile.ZipFile(wheel).namelist()
        if name.startswith("pgerp/_project/")
    }
    here = {
        str(path.relative_to(ROOT))
        for folder in SQL_FOLDERS
        for path in (ROOT / folder).rglob("*")
        if path.is_file()
    }
    assert packed == here | {"pgerp.toml"}
    assert not any(name.startswith("tests") for name in zipfile.ZipFile(wheel).namelist())


def test_the_wheel_carries_every_file_of_the_program(wheel: Path) -> None:
    packed = {name for name in zipfile.ZipFile(wheel).namelist() if "/_project/" not in name}
    here = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "pgerp").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert here <= packed


def test_the_installed_program_migrates_a_database_away_from_the_checkout(
    installed: Path, empty_database: str, tmp_path: Path
) -> None:
    def run(*words: str) -> subprocess.CompletedProcess[str]:
        clean = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
        return subprocess.run(
            [installed, "--database-url", empty_database, *words],
            cwd=tmp_path,
            env=clean,
            capture_output=True,
            text=True,
            check=False,
        )

    assert run("status").returncode == 1
    up = run("up")
    assert up.returncode == 0, up.stderr
    assert run("status").returncode == 0
    assert run("seed", "reference").returncode == 0
    with connect(empty_database) as conn:
        row = conn.execute("SELECT count(*) > 100 FROM ledger.currencies").fetchone()
        assert row == (True,)
    assert list(tmp_path.iterdir()) == []


def needed(names: list[str]) -> dict[str, str]:
    """Return what these requirements install here, transitive ones included, with versions."""
    found: dict[str, str] = {}
    done: set[str] = set()
    todo = [Requirement(name) for name in names]
    while todo:
        wanted = todo.pop()
        if str(wanted) in done:
            continue
        done.add(str(wanted))
        package = importlib.metadata.distribution(wanted.name)
        found[canonicalize_name(wanted.name)] = package.version
        for text in package.requires or []:
            requirement = Requirement(text)
            extras = [{"extra": extra} for extra in (*wanted.extras, "")]
            if requirement.marker is None or any(map(requirement.marker.evaluate, extras)):
                todo.append(requirement)
    return found


def test_every_package_that_is_installed_with_pgerp_is_pinned_to_its_version() -> None:
    pins = dict(
        line.split("==")
        for line in (ROOT / "constraints.txt").read_text().splitlines()
        if not line.startswith("#")
    )
    pinned = {canonicalize_name(name): version for name, version in pins.items()}
    installed = needed(["pgerp[dev]"])
    del installed[canonicalize_name("pgerp")]
    assert len(installed) > 40
    assert {name: pinned.get(name) for name in installed} == installed


def test_the_pins_name_versions_only() -> None:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    for line in lines:
        assert line.startswith("#") or re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][\w.]*", line), line
