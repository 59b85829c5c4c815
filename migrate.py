#!/usr/bin/env python3
"""The runner from a checkout: the same program as the installed `pgerp`.

Without the packages it needs, it hands over to the checkout's .venv (see `make venv`).
"""

import importlib.util
import os
import sys
from pathlib import Path

if __name__ == "__main__":
    root = Path(__file__).resolve().parent
    python = root / ".venv" / "bin" / "python"
    if importlib.util.find_spec("click") and importlib.util.find_spec("psycopg"):
        sys.path.insert(0, str(root))
        from pgerp.cli import main

        main()
    elif python.exists() and Path(sys.prefix) != root / ".venv":
        os.execv(python, [str(python), __file__, *sys.argv[1:]])
    else:
        sys.exit("error: pgerp's packages are not installed. Run `make venv` in this folder.")
