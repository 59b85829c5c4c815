"""The one exception that a user of the runner can cause, and the exit codes."""

from __future__ import annotations

EXIT_CLEAN = 0
"""Nothing is wrong and nothing is left to do."""
EXIT_PENDING = 1
"""Nothing is wrong, but there is work to do (status, plan)."""
EXIT_BROKEN = 2
"""Something is wrong: the message says what, where and what to do."""


class PgerpError(Exception):
    """A failure that the user can understand and mend; never shown as a traceback.

    Args:
        message: What failed: one sentence, lower case, no period.
        where: `file:line` or the database object concerned.
        statement: The SQL statement concerned, shortened for display.
        sqlstate: PostgreSQL's five-character code, when a server raised it.
        detail: Further facts, whole sentences.
        hint: The remedy, whole sentences.
    """

    def __init__(
        self,
        message: str,
        *,
        where: str | None = None,
        statement: str | None = None,
        sqlstate: str | None = None,
        detail: str | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.statement = statement
        self.sqlstate = sqlstate
        self.detail = detail
        self.hint = hint

    def __str__(self) -> str:
        """Return the whole error as one paragraph: where, what, SQLSTATE, statement, remedy."""
        text = f"{self.where}: {self.message}" if self.where else self.message
        if self.sqlstate:
            text += f" (SQLSTATE {self.sqlstate})"
        text += "."
        if self.statement:
            text += f" Statement: {self.statement}"
            if not text.endswith((".", ";", "…")):
                text += "."
        for part in (self.detail, self.hint):
            if part:
                text += f" {part}"
        return text
