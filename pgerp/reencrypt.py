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
from pgerp.normalise import KINDS, NotOfThisKind
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
            held = work.run(partial(_tell, say, where))
            outcome.rows += work.rows
            outcome.left += held + len(work.problems)
            if held:
                outcome.problems.append(f"{where}: {held} rows are held by others; run it again")
            for key, problem in list(work.problems.items())[:_MOST_SHOWN]:
                outcome.problems.append(f"{where}, row {', '.join(key)}: {problem}")
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
        self.problems: dict[PrimaryKey, str] = {}
        self._conn = conn
        self._table = table
        self._tenant_id = tenant_id
        self._keyring = keyring
        self._current = current
        self._settings = settings
        self._kinds: dict[str, str] = {}
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
        """Rewrite the rows; return how many are held by others to the end."""
        said_at, said = time.monotonic(), 0
        for turn in range(self._settings.retries + 1):
            self.problems.clear()
            last: PrimaryKey | None = None
            while (last := self._batch(last)) is not None:
                if time.monotonic() - said_at > _SAY_EACH_S:
                    say(self.rows)
                    said_at, said = time.monotonic(), self.rows
            held = self._count() - len(self.problems)
            if held <= 0:
                break
            if turn < self._settings.retries:
                time.sleep(_PAUSE_S)
        if self.rows > said:
            say(self.rows)
        return max(held, 0)

    def _batch(self, after: PrimaryKey | None) -> PrimaryKey | None:
        """Rewrite the next rows; return the key of the last one, None when there was none."""
        among: sql.Composable = sql.SQL("true")
        if after is not None:
            among = sql.SQL("({}) > ({})").format(self._key, self._key_given)
        keys: list[PrimaryKey] = []
        try:
            self._transact(among, after or (), self._settings.batch, keys)
        except (psycopg.Error, _NotWritten):
            if self._conn.closed:
                raise
            # One of them is refused, or held longer than we wait: each by itself.
            for key in keys:
                self._single(key)
        return keys[-1] if keys else None

    def _single(self, key: PrimaryKey) -> None:
        among = sql.SQL("({}) = ({})").format(self._key, self._key_given)
        for turn in range(_TRIES):
            try:
                self._transact(among, key, 1, [])
            except psycopg.Error as error:
                if self._conn.closed:
                    raise
                if error.sqlstate in RETRIED and turn < _TRIES - 1:
                    time.sleep(_PAUSE_S * random.uniform(0.5, 1.5))
                    continue
                # Neither DETAIL nor CONTEXT: they quote the row.
                self.problems[key] = f"{error.diag.message_primary} (SQLSTATE {error.sqlstate})"
            except _NotWritten:
                self.problems[key] = "a trigger kept the row as it was"
            return

    def _transact(
        self, among: sql.Composable, key: PrimaryKey, limit: int, keys: list[PrimaryKey]
    ) -> None:
        """Rewrite up to `limit` rows in one transaction; add the keys of those read to `keys`."""
        size = len(self._table.key)
        changes: list[dict[str, str | None]] = []
        problems: dict[PrimaryKey, str] = {}
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
                    new = self._rewritten(dict(zip(self._table.columns, row[size:], strict=True)))
                except PgerpError as error:
                    problems[row[:size]] = str(error)
                else:
                    changes.append({**_named("key", row[:size]), **_named("new", new)})
            self._update(changes)
        self.rows += len(changes)
        self.problems.update(problems)

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

    def _rewritten(self, values: dict[str, str | None]) -> list[str | None]:
        """Return the values of a row under the active keys, in the order of the columns."""
        new = dict(values)
        for column, beside in self._table.pairs.items():
            value, hashed = values[column], values[beside] if beside else None
            if value is not None:
                new[column] = self._keyring.rotate(value)
            if beside and hashed is not None and self._keyring.needs_rotation(hashed):
                if value is None:
                    raise PgerpError("a hash without a value", where=beside)
                new[beside] = self._rehashed(column, self._keyring.decrypt(value), hashed)
        return [new[column] for column in self._table.columns]

    def _rehashed(self, column: str, text: str, hashed: str) -> str:
        """Return the active key's hash; its kind is the one of which the old hash is right."""
        likely = self._kinds.get(column)
        for kind in sorted(KINDS, key=lambda each: each != likely):
            try:
                if self._keyring.matches(text, kind, hashed):
                    self._kinds[column] = kind
                    return self._keyring.hash(text, kind)
            except NotOfThisKind:
                continue
        raise PgerpError(
            "the hash is that of another value, or of a phone number of another --country",
            where=column,
        )

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
