"""Asking before something is dropped; shared by the commands that do."""

from __future__ import annotations

import sys

import click

from pgerp.errors import PgerpError


def confirm(question: str) -> None:
    """Ask whoever sits at the terminal, and go on only after yes.

    Raises:
        click.Abort: the answer is no.
        PgerpError: nobody sits there.
    """
    if not sys.stdin.isatty():
        raise PgerpError(
            "down asks before it runs this, and there is nobody to answer",
            hint="Give --yes to run it unasked.",
        )
    click.confirm(question, abort=True)
