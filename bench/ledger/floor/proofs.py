"""That each rung does its thing: a ladder that silently lacks one proves nothing."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from typing import Any

from psycopg import sql

from bench.ledger.books import ACCOUNT_ID, value
from bench.ledger.floor import catalog
from bench.ledger.floor.acting import CLIENT, OWNER, Actor

_TWINS = (("ledger.journal_entries", "entries"), ("ledger.journal_lines", "lines"))


class Prover(Actor):
    """Proves one rung and all below it."""

    def prove(self) -> None:
        """Prove it.

        Raises:
            MissingRung: Something is not as the rung promises.
        """
        proofs: list[Callable[[], None]] = [
            self._partitions,
            self._checks,
            self._foreign_keys,
            self._row_security,
            self._guards,
            self._balances,
            self._token,
        ]
        for proof in proofs[: self._step]:
            proof()

    def _same(self, what: str, query: str, wanted: list[Any], found: list[Any]) -> None:
        """Demand that a catalog query says the same of the journal and of its twin."""
        ours, theirs = (
            self._conn.execute(query.encode(), words).fetchall() for words in (found, wanted)
        )
        if ours != theirs or not ours:
            raise self._say(f"{what}: {ours}, not {theirs}")

    def _twins(self) -> Iterator[tuple[str, str]]:
        for journal, twin in _TWINS:
            yield journal, f"{self._schema}.{twin}"

    def _partitions(self) -> None:
        for journal, twin in self._twins():
            self._same(f"bounds of {twin}", catalog.BOUNDS, [journal], [twin])
        year = value(self._conn, "SELECT extract(YEAR FROM now() AT TIME ZONE 'UTC')::text")
        with self._undone(OWNER, **self._ours()):
            self._direct()
            for _, twin in self._twins():
                if not value(self._conn, f"SELECT count(*) FROM {twin}_{year}"):
                    raise self._say(f"{twin}: the row is not in the partition of {year}")

    def _checks(self) -> None:
        for journal, twin in self._twins():
            self._same(f"columns of {twin}", catalog.COLUMNS, [journal], [twin])
            self._same(
                f"checks of {twin}", catalog.CONSTRAINTS, ["", journal, "c"], ["", twin, "c"]
            )
        self._refuses_direct("a line of nothing", "23514", amount=0)
        self._refuses_direct("a description without end", "23514", text="x" * 100_000)
        self._refuses_direct("a posted entry with a reason to void it", "23514", reason="Error")

    def _foreign_keys(self) -> None:
        there = f"{self._schema}.entries("
        for journal, twin in self._twins():
            self._same(
                f"keys of {twin}", catalog.CONSTRAINTS, [there, journal, "f"], [there, twin, "f"]
            )
        nobody = f"{ACCOUNT_ID}9999"
        self._refuses_direct("a missing account", "23503", debit=nobody)
        self._refuses_direct("a missing period", "23503", period=nobody)
        self._refuses_direct("a missing entry", "23503", entry=nobody)
        self._refuses_direct("a missing currency", "23503", currency="ZZZ")

    def _row_security(self) -> None:
        unsecured = self._conn.execute(catalog.UNSECURED.encode(), [self._schema]).fetchall()
        if unsecured:
            raise self._say(f"row security is not forced on {unsecured}")
        for journal, twin in self._twins():
            self._same(f"policies of {twin}", catalog.POLICIES, [journal], [twin])
        with self._refused("a client's own INSERT", "42501"), self._undone(CLIENT, **self._ours()):
            self._direct()
        other = {"pgerp.tenant_id": str(self._books.tenant_id + 1)}
        with (
            self._refused("a row of another tenant", "42501"),
            self._undone(OWNER, **self._ours(**other)),
        ):
            self._direct()
        count = f"SELECT count(*) FROM {self._schema}.lines"
        with self._undone(OWNER, **self._ours()):
            self._direct()
            seen = value(self._conn, count)
            self._conn.execute("SELECT set_config('pgerp.tenant_id', %s, true)", [*other.values()])
            if not seen or value(self._conn, count):
                raise self._say("another tenant's lines are not hidden")
        with self._client():
            entry = self._call()
            self._conn.execute("RESET SESSION AUTHORIZATION")
            sums = f"SELECT array[count(*), sum(l.amount)] FROM {self._schema}.lines AS l "
            if value(self._conn, sums + "WHERE l.entry_id = %s", [entry]) != [2, 0]:
                raise self._say("the function did not write two lines that balance")

    def _guards(self) -> None:
        for journal, twin in self._twins():
            self._same(f"triggers of {twin}", catalog.TRIGGERS, [journal], [twin])
        with (
            self._refused("an INSERT past the function", "ZL006"),
            self._undone(OWNER, **self._ours(**{"pgerp.posting": ""})),
        ):
            self._direct()
        for change in ("UPDATE {}.lines SET amount = 1", "DELETE FROM {}.entries"):
            with self._refused(change, "ZL006"), self._undone(OWNER, **self._ours()):
                self._direct()
                self._conn.execute(sql.SQL(change).format(sql.Identifier(self._schema)))
        self._refuses_call("an unknown account", "ZL007", debit="9999")
        self._refuses_call("an unknown business", "ZI005", business="B9")
        self._refuses_call("a date without period", "ZL003", date="1999-12-31")
        self._refuses_call("an entry that does not balance", "ZL001", credited="5.26")
        self._refuses_after(
            "a closed period",
            "ZL002",
            "UPDATE ledger.fiscal_periods SET status = 'closed' WHERE id = %s",
            self._books.period_id,
        )
        self._refuses_after(
            "an inactive account",
            "ZL007",
            "UPDATE ledger.accounts SET is_active = false WHERE id = %s",
            f"{ACCOUNT_ID}1001",
        )

    def _refuses_after(self, what: str, state: str, change: str, key: str) -> None:
        """Demand that a call is refused after a change, made past the guards of its table."""
        with self._conn.transaction(force_rollback=True):
            self._conn.execute("SET LOCAL session_replication_role = replica")
            self._conn.execute(change.encode(), [key])
            self._conn.execute("SET LOCAL session_replication_role = origin")
            self._refuses_call(what, state)

    def _balances(self) -> None:
        with self._client():
            for amount in ("5.25", "7.00"):
                self._call(amount=amount, credited=amount)
            self._conn.execute("RESET SESSION AUTHORIZATION")
            accounts = [f"{ACCOUNT_ID}1001", f"{ACCOUNT_ID}4001"]
            rows = self._conn.execute(
                f"SELECT b.debit - b.credit, b.stripe = pg_backend_pid() %% 8 "
                f"FROM {self._schema}.balances AS b WHERE b.account_id = ANY (%s::uuid[]) "
                f"AND b.period_id = %s ORDER BY 1".encode(),
                [accounts, self._books.period_id],
            ).fetchall()
            lines = self._conn.execute(
                f"SELECT sum(l.amount), true FROM {self._schema}.lines AS l "
                f"WHERE l.account_id = ANY (%s::uuid[]) GROUP BY l.account_id ORDER BY 1".encode(),
                [accounts],
            ).fetchall()
            if rows != lines or not rows:
                raise self._say(f"balances {rows} are not the sums of the lines {lines}")

    def _token(self) -> None:
        right = self._books.options["pgerp.token"]
        head, claims, signature = right.split(".")
        forged = f"{head}.{claims}.{secrets.token_urlsafe(len(signature) * 3 // 4)}"
        self._refuses_token("a forged token", "ZI002", forged)
        self._refuses_token("no token", "ZI001", "")
        elsewhere = value(
            self._conn,
            "SELECT identity.issue_token(%s, 'bench', ARRAY[%s::integer], '1 hour')",
            [self._books.tenant_id, self._books.business_id + 1],
        )
        self._refuses_token("a token for another business", "ZI006", elsewhere)

    def _refuses_token(self, what: str, state: str, token: str) -> None:
        """Demand that a token is refused, also by a session that says the tenant by itself."""
        settings = self._ours(**{"pgerp.token": token})
        with self._refused(what, state), self._undone(CLIENT, **settings):
            self._call()
