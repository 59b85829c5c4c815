"""The benchmark of customers runs to its end; how fast is not for tests to say."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_a_quick_run_finds_customers_in_every_way() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench", "party", "--customers", "2000", "--calls", "8"],
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
    found = {name for name, one in figures.items() if one["rows"] >= 1}
    assert {name for name in figures if not name.startswith("contrast")} - found == {
        "a name that nobody has"
    }
    assert (figures["phone"]["rows"], figures["number"]["rows"]) == (1, 1)
