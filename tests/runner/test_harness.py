"""The test harness leaves nothing behind, however a run ends."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 30
STALLING_TEST = """
import time
from pathlib import Path
from pgerp.server import EmbeddedServer

def test_that_never_ends(server, scratch):
    note = Path(__file__).with_name("note")
    pid = next(scratch.glob("*/data/postmaster.pid")).read_text().split()[0]
    own = EmbeddedServer(scratch / ("x" * 120), durable=False)
    own.start()
    own_pid = (own.data / "postmaster.pid").read_text().split()[0]
    note.with_suffix(".new").write_text(f"{scratch} {own.socket_directory} {pid} {own_pid}")
    note.with_suffix(".new").rename(note)
    time.sleep(600)
"""


def wait_for(condition: object, what: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("how", "workers"), [(signal.SIGKILL, "0"), (signal.SIGKILL, "1"), (signal.SIGINT, "0")]
)
def test_a_run_that_is_ended_leaves_no_server_and_no_folder(
    tmp_path: Path, how: signal.Signals, workers: str
) -> None:
    (tmp_path / "test_stall.py").write_text(STALLING_TEST)
    command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-n", workers]
    command += ["-c", str(ROOT / "pyproject.toml"), f"--basetemp={tmp_path / 'base'}"]
    run = subprocess.Popen(
        [*command, str(tmp_path / "test_stall.py")],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    note = tmp_path / "note"
    try:
        wait_for(note.exists, "the test did not start")
        scratch, sockets, *pids = note.read_text().split()
        left = [Path(scratch), Path(sockets), *(Path("/proc", pid) for pid in pids)]
        assert all(path.exists() for path in left)
        os.kill(run.pid, how)
        run.wait()
        for path in left:
            wait_for(lambda path=path: not path.exists(), f"{path} is still there")
    finally:
        # What is left of the run's own session: workers whose controller was killed.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(run.pid, signal.SIGKILL)
