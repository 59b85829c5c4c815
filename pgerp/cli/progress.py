"""How the runner's progress looks: one line a step, and a spinner on a terminal."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.status import Status


class Lines:
    """Prints a line for each step that is done; on a terminal shows which one runs.

    Args:
        verb: What is done to the steps: "applied", "taken back".
    """

    def __init__(self, verb: str) -> None:
        self._verb = verb
        self._count = self._number = 0
        self._status: Status | None = None
        self._current: str | None = None

    @property
    def current(self) -> str | None:
        """The step that was begun and is not done."""
        return self._current

    def expect(self, count: int) -> None:
        """Take note of how many migrations are ahead."""
        self._count = count

    def begin(self, name: str) -> None:
        """Show which step runs."""
        self._current = name
        if sys.stdout.isatty():
            from rich.console import Console

            place = f" ({self._number + 1} of {self._count})" if self._count > 1 else ""
            self._status = Console().status(f"{name}{place}")
            self._status.start()

    def done(self, name: str, seconds: float) -> None:
        """Print that a step is committed."""
        self._stop()
        self._number += 1
        self._current = None
        click.echo(f"{self._verb} {name} ({_duration(seconds)})")

    def note(self, text: str) -> None:
        """Print something that the user should know, above the spinner."""
        click.echo(text, err=True)

    def _stop(self) -> None:
        if self._status is not None:
            self._status.stop()
            self._status = None

    @contextmanager
    def interruptible(self) -> Iterator[None]:
        """Let SIGTERM and SIGINT cancel the running statement and roll it back.

        Exits with 143 or 130, 128 + the signal's number, after one line that says what stands.
        """

        def stop(number: int, _frame: FrameType | None) -> None:
            raise _Stopped(number)

        old = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        except _Stopped as error:
            name = signal.Signals(error.number).name
            at = f" at {self._current}" if self._current else ""
            click.echo(
                f"stopped by {name}{at}: each file is wholly {self._verb} or not at all."
                " Run the same command again to go on.",
                err=True,
            )
            sys.exit(128 + error.number)
        finally:
            self._stop()
            for number, handler in old.items():
                signal.signal(number, handler)


class _Stopped(KeyboardInterrupt):
    """A signal asks to stop; psycopg then cancels the statement that runs."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def _duration(seconds: float) -> str:
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 120:
        return f"{seconds:.1f} s"
    return time.strftime("%H:%M:%S", time.gmtime(seconds))
