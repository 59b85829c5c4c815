"""The benchmark of the audit log runs to its end; how fast is not for tests to say."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_a_quick_run_measures_each_update_with_the_log_and_without() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench", "audit", "--rounds", "1", "--updates", "200"],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    results = ROOT / done.stdout.split("written to ")[-1].strip()
    try:
        figures = json.loads(results.read_text())["figures"]
    finally:
        results.unlink()
    assert len(figures) == 3
    assert all(one["without"] > 0 and one["with"] > 0 for one in figures.values())
