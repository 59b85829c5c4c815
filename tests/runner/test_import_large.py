"""`pgerp import` needs as much memory for a large file as for a small one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.runner.journals import ROOT, ask, pairs, write

MB = 1024
"""In the unit of /proc."""

# In a process of its own, since the peak is the process's: VmHWM, in kB, since its exec.
PROGRAM = """
import sys
from pathlib import Path
from pgerp.db import connect
from pgerp.importer import ImportOptions, import_file

with connect(sys.argv[1]) as conn:
    result = import_file(conn, Path(sys.argv[2]), ImportOptions("T", "B", create=True, batch=2000))
status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
print(result.new, result.problem_count, len(result.problems), status["VmHWM"].split()[0])
"""

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="the peak of a process is read from /proc"
)


def peak(url: str, file: Path) -> tuple[int, int, int, int]:
    """Import in a new process; return new entries, problems, problems kept, and peak kB."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, url, str(file)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    new, count, kept, memory = done.stdout.split()
    return int(new), int(count), int(kept), int(memory)


def test_checking_ten_times_the_lines_takes_no_more_memory(clone, tmp_path):
    bad = ["0,2026-01-01,odd,Cash,ASSET,1,USD"]
    small = peak(clone, write(tmp_path / "small.csv", [*pairs(10_000), *bad]))
    large = peak(clone, write(tmp_path / "large.csv", [*pairs(100_000), *bad]))
    assert small[:3] == large[:3] == (0, 1, 1)
    assert large[3] - small[3] < 8 * MB


def test_ten_times_the_problems_take_no_more_memory(clone, tmp_path):
    def wrong(count: int) -> list[str]:
        return [line.replace(",USD", ",USX") for line in pairs(count)]

    small = peak(clone, write(tmp_path / "small.csv", wrong(5_000)))
    large = peak(clone, write(tmp_path / "large.csv", wrong(50_000)))
    assert (small[:3], large[:3]) == ((0, 10_000, 50), (0, 100_000, 50))
    assert large[3] - small[3] < 8 * MB


def test_importing_several_times_the_lines_takes_no_more_memory(clone, tmp_path):
    small = peak(clone, write(tmp_path / "small.csv", pairs(2_000)))
    large = peak(clone, write(tmp_path / "large.csv", pairs(10_000)))
    assert (small[0], large[0]) == (2_000, 10_000)
    assert large[3] - small[3] < 8 * MB
    assert ask(clone, "SELECT count(*) FROM ledger.journal_lines") == [(24_000,)]
