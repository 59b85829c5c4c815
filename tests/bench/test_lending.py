"""The benchmark of the daily jobs of lending runs to its end; how fast is not for tests to say."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_a_quick_run_counts_every_day_of_every_loan() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench", "lending", "--loans", "30", "--days", "36"],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    results = ROOT / done.stdout.split("written to ")[-1].strip()
    try:
        facts = json.loads(results.read_text())
    finally:
        results.unlink()
    assert facts["different"] == 0
    assert len(facts["quarters"]) == 12
    assert facts["rows"]["loans"] == 30
    # Each is counted from the day after it was paid out.
    for job in facts["quarters"][-1].values():
        assert (job["days"], job["loans"]) == (3, 90)
        assert job["wall"] > 0
