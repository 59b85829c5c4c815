"""A session that does something while the test looks on."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import psycopg

from tests.pgtap import value


class Background:
    """A call in a thread; `waits` tells whether it comes to wait, `value` is what it returned."""

    def __init__(self, conn: psycopg.Connection, call: Callable[[], Any]) -> None:
        self._pid = conn.info.backend_pid
        self._error: psycopg.Error | None = None
        self._call = call
        self.value: Any = None
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            self.value = self._call()
        except psycopg.Error as error:
            self._error = error

    def waits(self, observer: psycopg.Connection) -> bool:
        """Whether the session comes to wait for a lock, within two seconds."""
        for _ in range(200):
            blockers = value(observer, "SELECT cardinality(pg_blocking_pids(%s))", [self._pid])
            if blockers:
                return True
            if not self._thread.is_alive():
                return False
            time.sleep(0.01)
        return False

    def result(self) -> str | None:
        """Wait for the end; the SQLSTATE, or None when all went well."""
        self._thread.join(30)
        assert not self._thread.is_alive()
        return self._error.sqlstate if self._error else None
