"""A journal of a million lines by `pgerp import`: the benchmark `import`, and its target."""

from __future__ import annotations

import importlib
import json
from typing import Any

from bench.ledger.options import Options
from bench.ledger.targets import Target
from bench.support import RESULTS


def measure(kind: str, options: Options, facts: dict[str, Any]) -> list[Target]:
    """Run it where it runs, on the embedded 18; return how the target was met."""
    if kind != "18":
        facts["import"] = {"skipped": "it starts the embedded 18 of its own"}
        print(f"import is skipped on server {kind}: {facts['import']['skipped']}")
        return []
    importlib.import_module("bench.import").main(["--lines", str(options.import_lines)])
    facts["import"] = json.loads(max(RESULTS.glob("import-*.json")).read_text())
    ratio = facts["import"]["ratio_to_copy"]
    return [Target(f"import of {options.import_lines:,} lines, × COPY", ratio, at_least=0.35)]
