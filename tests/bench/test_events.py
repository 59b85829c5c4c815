"""The benchmark of events runs to its end; how fast is not for tests to say."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def run_quickly(*words: str) -> dict[str, Any]:
    """Run the benchmark with few events; return its figures."""
    done = subprocess.run(
        [sys.executable, "-m", "bench", "events", *words],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    results = ROOT / done.stdout.split("written to ")[-1].strip()
    try:
        return dict(json.loads(results.read_text()))
    finally:
        results.unlink()


def test_a_quick_run_measures_events_beside_what_they_are_compared_with() -> None:
    facts = run_quickly("--part", "emit", "--part", "handler", "--rounds", "1", "--events", "20")
    assert [len(facts["emit"]), len(facts["handler"])] == [3, 3]
    for part in ("emit", "handler"):
        assert all(one["wall"] > 0 for one in facts[part].values())


def test_a_quick_run_follows_events_to_another_database() -> None:
    facts = run_quickly(
        *("--part", "landing", "--landings", "5", "--gap-ms", "5"),
        *("--part", "consumers", "--backlog", "60", "--workers", "2"),
    )
    for one in facts["landing"].values():
        assert 0 < one["median"] <= one["p95"]
    assert [one["workers"] for one in facts["consumers"]] == [2] * 3
    assert all(one["rate"] > 0 for one in facts["consumers"])
