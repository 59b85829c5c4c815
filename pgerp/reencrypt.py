"""Rewriting encrypted values and keyed hashes of old keys under the active ones.

Values are decrypted and encrypted here: neither keys nor plain texts reach the server.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial

import psycopg
from psycopg import sql

from pgerp.encryption import Keyring
from pgerp.errors import PgerpError
from pgerp.keyfile import Key
from pgerp.rewriter import Rewriter
from pgerp.sensitive import Table, find_tables, inside, tenants_of
from pgerp.transaction import RETRIED

_PAUSE_S = 0.3
_TRIES = 3
_SAY_EACH_S = 5.0
_MOST_SHOWN = 10

PrimaryKey = tuple[str, ...]
"""Its values as text."""


@dataclass(frozen=True)
class Settings:
    """How to go about it.

    Attributes:
        batch: Rows a transaction.
        lock_timeout_ms: How long a statement may wait for a lock, in milliseconds.
        retries: How often what others hold is come back to.
    """

    batch: int = 500
    lock_timeout_ms: int = 500
    retries: int = 20


@dataclass
class Outcome:
    """What was done.

    Attributes:
        rows: How many rows were rewritten.
        left: How many rows of old or unknown keys were left as they were.
        problems: Why: sentences, at most ten for each table and tenant.
    """

    rows: int = 0
    left: int = 0
    problems: list[str] = field(default_factory=list)


def reencrypt(
    conn: psycopg.Connection,
    keys: Sequence[Key],
    *,
    country: str | None = None,
    settings: Settings | None = None,
    say: Callable[[str], None],
) -> Outcome:
    """Rewrite every value of an old key under the active one, in small transactions.

    A row is locked before it is read, and one that others hold is come back to, so that nothing
    that somebody writes meanwhile is lost. Cut off at any moment, the same call goes on.

    Args:
        conn: In autocommit mode, of a member of pgerp_migrator.
        keys: The keys. Values of the active and the next ones stay as they are.
        country: See Keyring; hashes of phone numbers that were written without one need it.
        settings: How to go about it.
        say: Called with one line for each table and tenant, as its rows are done.

    Raises:
        PgerpError: The role may not, or see `find_tables`.
    """
    keyring = Keyring(keys, country=country)
    current = [key.kid for key in keys if key.state != "old"]
    outcome = Outcome()
    for table in find_tables(conn):
        for tenant_id in tenants_of(conn, table):
            where = table.name + ("" if tenant_id is None else f" of tenant {tenant_id}")
            work = _Work(conn, table, tenant_id, keyring, current, settings or Settings())
            outcome.left += work.run(partial(_tell, say, where))
            outcome.rows += work.rows
            outcome.problems += [f"{where}{problem}" for problem in work.problems]
    return outcome


class _Work:
    """The rows of one table and tenant."""

    def __init__(
        self,
        conn: psycopg.Connection,
        table: Table,
        tenant_id: int | None,
        keyring: Keyring,
        current: list[str],
        settings: Settings,
    ) -> None:
        self.rows = 0
        self.problems: list[str] = []
        self._conn = conn
        self._table = table
        self._tenant_id = tenant_id
        self._rewriter = Rewriter(keyring, table)
        self._current = current
        self._settings = settings
        self._refused = 0
        self._hopeless = False
        self._key = _list("{}", table.key)
        # As text, so that a key of any type is told apart and comes back as it was.
        self._key_given = sql.SQL(", ").join(
            sql.SQL(f"{{}}::{kind}").format(sql.Placeholder(f"key{n}"))
            for n, kind in enumerate(table.key.values())
        )
        self._stale = sql.SQL("{} AND ({})").format(
            table.of_tenant(tenant_id),
            _list("split_part({}, ':', 1) <> ALL (%(current)s)", table.columns, " OR "),
        )

    def run(self, say: Callable[[int], None]) -> int:
        """Rewrite the rows; return how many are left as they were."""
        said_at, said = time.monotonic(), 0
        for turn in range(self._settings.retries + 1):
            self.problems.clear()
            self._refused = 0
            last: PrimaryKey | None = None
            while (last := self._batch(last)) is not None:
                if time.monotonic() - said_at > _SAY_EACH_S:
                    say(self.rows)
                    said_at, said = time.monotonic(), self.rows
            left = self._count()
            if left <= self._refused or self._hopeless:
                break
            if turn < self._settings.retries:
                time.sleep(_PAUSE_S)
        if self.rows > said:
            say(self.rows)
        if self._hopeless:
            self.problems.append(
                f": of {self._refused} rows on end none could be written; given up"
            )
        elif left > self._refused:
            held = left - self._refused
            self.problems.append(f": {held} rows are held by others; run it again")
        return left

    def _batch(self, after: PrimaryKey | None) -> PrimaryKey | None:
        """Rewrite the next rows; return the key of the last one, None when there was none."""
        among: sql.Composable = sql.SQL("true")
        if after is not None:
            among = sql.SQL("({}) > ({})").format(self._key, self._key_given)
        for turn in range(_TRIES):
            keys: list[PrimaryKey] = []
            try:
                self._transact(among, after or (), self._settings.batch, keys)
                break
            except (psycopg.Error, _NotWritten) as error:
                if keys and not self._conn.closed:
                    return self._singly(keys)
                if not self._is_tried_again(error, turn):
                    raise
        return keys[-1] if keys else None

    def _singly(self, keys: list[PrimaryKey]) -> PrimaryKey | None:
        """Rewrite rows of which one is refused, or held longer than we wait, each by itself."""
        before = self.rows
        for key in keys:
            self._single(key)
        # A table that lets none of them change would go on to refuse millions.
        self._hopeless = self.rows == before and len(keys) == self._settings.batch > 1
        return None if self._hopeless else keys[-1]

    def _single(self, key: PrimaryKey) -> None:
        among = sql.SQL("({}) = ({})").format(self._key, self._key_given)
        for turn in range(_TRIES):
            try:
                self._transact(among, key, 1, [])
            except psycopg.Error as error:
                if self._conn.closed:
                    raise
                if self._is_tried_again(error, turn):
                    continue
                # Neither DETAIL nor CONTEXT: they quote the row.
                primary = error.diag.message_primary
                self._refuse(key, f"{primary} (SQLSTATE {error.sqlstate})")
            except _NotWritten:
                self._refuse(key, "a trigger kept the row as it was")
            return

    def _is_tried_again(self, error: Exception, turn: int) -> bool:
        """Tell whether to try again, after a pause."""
        if turn == _TRIES - 1 or getattr(error, "sqlstate", None) not in RETRIED:
            return False
        time.sleep(_PAUSE_S * random.uniform(0.5, 1.5))
        return True

    def _refuse(self, key: PrimaryKey, why: str) -> None:
        self._refused += 1
        if len(self.problems) < _MOST_SHOWN:
            self.problems.append(f", row {', '.join(key)}: {why}")

    def _transact(
        self, among: sql.Composable, key: PrimaryKey, limit: int, keys: list[PrimaryKey]
    ) -> None:
        """Rewrite up to `limit` rows in one transaction; add the keys of those read to `keys`."""
        size = len(self._table.key)
        changes: list[dict[str, str | None]] = []
        refused: list[tuple[PrimaryKey, str]] = []
        with inside(self._conn, self._table, self._tenant_id):
            self._conn.execute(
                "SELECT set_config('lock_timeout', %s, true)", [str(self._settings.lock_timeout_ms)]
            )
            rows = self._conn.execute(
                sql.SQL(
                    "SELECT {texts}, {columns} FROM {table} WHERE {stale} AND {among}"
                    " ORDER BY {key} LIMIT {limit} FOR NO KEY UPDATE SKIP LOCKED"
                ).format(
                    texts=_list("{}::text", self._table.key),
                    columns=_list("{}", self._table.columns),
                    table=self._table.identifier,
                    stale=self._stale,
                    among=among,
                    key=self._key,
                    limit=limit,
                ),
                {"current": self._current, **_named("key", key)},
            ).fetchall()
            keys += [row[:size] for row in rows]
            for row in rows:
                try:
                    new = self._rewriter.rewritten(row[size:])
                except PgerpError as error:
                    refused.append((row[:size], str(error)))
                else:
                    changes.append({**_named("key", row[:size]), **_named("new", new)})
            self._update(changes)
        self.rows += len(changes)
        for row_key, why in refused:
            self._refuse(row_key, why)

    def _update(self, changes: list[dict[str, str | None]]) -> None:
        assigned = sql.SQL(", ").join(
            sql.SQL("{} = {}").format(sql.Identifier(column), sql.Placeholder(f"new{n}"))
            for n, column in enumerate(self._table.columns)
        )
        statement = sql.SQL("UPDATE {} SET {} WHERE ({}) = ({})").format(
            self._table.identifier, assigned, self._key, self._key_given
        )
        if changes:
            with self._conn.cursor() as cursor:
                cursor.executemany(statement, changes)
                if cursor.rowcount != len(changes):
                    raise _NotWritten

    def _count(self) -> int:
        query = sql.SQL("SELECT count(*) FROM {} WHERE {}").format(
            self._table.identifier, self._stale
        )
        with inside(self._conn, self._table, self._tenant_id):
            row = self._conn.execute(query, {"current": self._current}).fetchone()
        assert row is not None
        return int(row[0])


class _NotWritten(Exception):
    """An UPDATE of rows that are there and locked wrote fewer."""


def _list(form: str, columns: Iterable[str], between: str = ", ") -> sql.Composed:
    return sql.SQL(between).join(sql.SQL(form).format(sql.Identifier(each)) for each in columns)


def _named(prefix: str, values: Iterable[str | None]) -> dict[str, str | None]:
    return {f"{prefix}{n}": value for n, value in enumerate(values)}


def _tell(say: Callable[[str], None], where: str, rows: int) -> None:
    say(f"{where}: {rows} rows rewritten")
