"""What the runner tells while it works; the command layer decides how it looks."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Is told what happens, as it happens."""

    def expect(self, count: int) -> None:
        """So many steps are ahead."""

    def begin(self, name: str) -> None:
        """A step begins: a migration's id, or what else is done."""

    def done(self, name: str, seconds: float) -> None:
        """The step is committed; it took so many seconds."""

    def note(self, text: str) -> None:
        """Something that the user should know: who is waited for, what was skipped."""


class Silent:
    """Progress that nobody sees."""

    def expect(self, count: int) -> None:
        """Pass over it."""

    def begin(self, name: str) -> None:
        """Pass over it."""

    def done(self, name: str, seconds: float) -> None:
        """Pass over it."""

    def note(self, text: str) -> None:
        """Pass over it."""
