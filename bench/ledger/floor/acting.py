"""Who tries a rung of the ladder: the owner past its function, the client by it; all is undone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import psycopg

from bench.ledger.books import ACCOUNT_ID, LOGIN, Books, value
from bench.ledger.floor.steps import REQUEST, TOKEN, schema_of, settings_of

OWNER, CLIENT = "SET LOCAL ROLE pgerp_owner", f"SET LOCAL SESSION AUTHORIZATION {LOGIN}"
_DIRECT = (Path(__file__).parent / "direct.sql").read_text()


class MissingRung(Exception):
    """A step lacks what it is named for; the text says what."""


class Actor:
    """Tries one rung.

    Args:
        conn: A superuser's session.
        books: The books.
        step: The rung.
    """

    def __init__(self, conn: psycopg.Connection, books: Books, step: int) -> None:
        self._conn = conn
        self._books = books
        self._step = step
        self._schema = schema_of(step)

    def _say(self, what: str) -> MissingRung:
        return MissingRung(f"{self._schema}: {what}")

    @contextmanager
    def _undone(self, *acting: str, **settings: str) -> Iterator[None]:
        """Act as somebody with settings of the tenant; undo it all at the end."""
        with self._conn.transaction(force_rollback=True):
            for name, text in {"pgerp.tenant_id": "", "pgerp.token": "", **settings}.items():
                self._conn.execute("SELECT set_config(%s, %s, true)", [name, text])
            for one in acting:
                self._conn.execute(one.encode())
            yield

    def _ours(self, **more: str) -> dict[str, str]:
        return {
            "pgerp.tenant_id": str(self._books.tenant_id),
            "pgerp.posting": "function",
            **more,
        }

    def _direct(self, **changes: Any) -> None:
        """Write an entry past the function."""
        facts = {
            "tenant": self._books.tenant_id,
            "business": self._books.business_id,
            "period": self._books.period_id,
            "text": "Sale",
            "reason": None,
            "entry": None,
            "debit": f"{ACCOUNT_ID}1001",
            "credit": f"{ACCOUNT_ID}4001",
            "amount": 5,
            "currency": None,
        }
        self._conn.execute(_DIRECT.replace("{schema}", self._schema).encode(), {**facts, **changes})
        self._conn.execute("SET CONSTRAINTS ALL IMMEDIATE")

    def _call(self, **changes: Any) -> Any:
        """Post by the function of this rung; return the id."""
        facts = {
            "tenant": self._books.tenant_id,
            "business": "B1",
            "business_id": self._books.business_id,
            "period": self._books.period_id,
            "date": value(self._conn, "SELECT current_date"),
            "debit": "1001",
            "credit": "4001",
            "amount": "5.25",
            "credited": "5.25",
            **changes,
        }
        lines = (
            '[{{"account": "{debit}", "debit": "{amount}"}}, '
            '{{"account": "{credit}", "credit": "{credited}"}}]'
        ).format(**facts)
        text = "%(date)s::date, 'Sale'"
        if self._step >= TOKEN:
            words = f"%(business)s, {text}, %(lines)s::jsonb"
        elif self._step >= REQUEST:
            words = f"%(tenant)s, %(business)s, {text}, %(lines)s::jsonb"
        else:
            words = f"%(tenant)s, %(business_id)s, %(period)s, {text}, "
            words += "%(a)s, %(b)s, %(amount)s::numeric"
        return value(
            self._conn,
            f"SELECT {self._schema}.post({words})",
            {
                **facts,
                "lines": lines,
                "a": f"{ACCOUNT_ID}{facts['debit']}",
                "b": f"{ACCOUNT_ID}{facts['credit']}",
            },
        )

    @contextmanager
    def _refused(self, what: str, *states: str) -> Iterator[None]:
        """Demand that a block is refused with one of these SQLSTATEs."""
        try:
            yield
        except psycopg.Error as error:
            if error.sqlstate in states:
                return
            raise self._say(f"{what}: {error}") from error
        raise self._say(f"{what} was not refused")

    def _refuses_direct(self, what: str, *states: str, **changes: Any) -> None:
        with self._refused(what, *states), self._undone(OWNER, **self._ours()):
            self._direct(**changes)

    def _refuses_call(self, what: str, *states: str, **changes: Any) -> None:
        with self._refused(what, *states), self._client():
            self._call(**changes)

    def _client(self) -> AbstractContextManager[None]:
        return self._undone(CLIENT, **settings_of(self._step, self._books))
