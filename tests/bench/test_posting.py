"""The benchmark of posting rules runs to its end; how fast is not for tests to say."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_a_quick_run_measures_an_entry_made_directly_and_by_a_rule() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench", "posting", "--rounds", "1", "--entries", "20"],
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
    assert all(one["cpu"] > 0 and one["wall"] > 0 for one in figures.values())
