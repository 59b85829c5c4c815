"""The options that say how patient the runner is; shared by the commands that take its lock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from pgerp.transaction import Settings


def patience(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add --lock-wait, --lock-timeout and --retries to a command; see `settings`."""
    default = Settings()
    options = (
        click.option(
            "--lock-wait",
            type=click.FloatRange(min=0),
            default=default.lock_wait_s,
            show_default=True,
            metavar="SECONDS",
            help="How long to wait for another runner on this database.",
        ),
        click.option(
            "--lock-timeout",
            type=click.IntRange(min=1),
            default=default.lock_timeout_ms,
            show_default=True,
            metavar="MS",
            help="How long a statement may stand in a lock's queue, where others wait behind it.",
        ),
        click.option(
            "--retries",
            type=click.IntRange(min=0),
            default=default.retries,
            show_default=True,
            metavar="N",
            help="How often a file is tried again after that.",
        ),
    )
    for option in reversed(options):
        function = option(function)
    return function


def settings(lock_wait: float, lock_timeout: int, retries: int) -> Settings:
    """Return the options of `patience` as the runner takes them."""
    return Settings(lock_wait_s=lock_wait, lock_timeout_ms=lock_timeout, retries=retries)
