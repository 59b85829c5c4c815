"""The benchmark of the ledger runs to its end; how fast is not for tests to say."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.servers import Server

ROOT = Path(__file__).resolve().parents[2]


def test_a_quick_run_posts_by_every_contestant_and_leaves_its_figures(server: Server) -> None:
    command = [sys.executable, "-m", "bench", "ledger", "--quick", "--part", "single"]
    done = subprocess.run(
        [*command, "--server", server.url],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    results = ROOT / done.stdout.split("written to ")[-1].strip()
    try:
        (single,) = (
            facts["single"]
            for facts in json.loads(results.read_text()).values()
            if isinstance(facts, dict) and "single" in facts
        )
    finally:
        results.unlink()
    assert set(single) == {"ledger", "raw", "naive"}
    assert all(one["clients"]["4"]["rate"] > 0 for one in single.values())
