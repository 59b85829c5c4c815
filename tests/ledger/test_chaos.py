"""Nothing acknowledged is lost, nothing is there twice, whoever dies; see `chaos.py`."""

from __future__ import annotations

import os
import random
import sys
from pathlib import Path

import pytest

from tests.ledger.chaos import LONG, Chaos, durable_server, short, summary, troubles
from tests.ledger.chaos_plants import PLANTS, is_found


def test_the_books_survive_the_death_of_clients_and_server(
    pytestconfig: pytest.Config, server_directory: Path, tmp_path: Path
) -> None:
    """A few seconds with 8 clients, or a minute with 20: `make chaos`.

    Afterwards the books are damaged in every way that a death could have done, to see it found.
    """
    seed = int(os.environ.get("PGERP_TEST_SEED") or random.randrange(2**32))
    is_long = os.environ.get("PGERP_TEST_CHAOS") == "long"
    sys.stdout.write(f"PGERP_TEST_SEED={seed} PGERP_TEST_CHAOS={'long' if is_long else ''}\n")
    server = durable_server(pytestconfig.option.pg, server_directory)
    if server is None:
        pytest.skip("only a server of our own can be killed")
    try:
        chaos = Chaos(server, tmp_path, seed)
        counts = chaos.run(LONG if is_long else short(random.Random(seed)))
        unseen = [name for name in PLANTS if not is_found(chaos.url, tmp_path, name)]
    except BaseException:
        sys.stdout.write(troubles(server))
        raise
    finally:
        server.stop()
    sys.stdout.write(f"{summary(counts)}\n")
    assert counts["entries"] > 0 and counts["restarts"] >= 2
    assert unseen == []
