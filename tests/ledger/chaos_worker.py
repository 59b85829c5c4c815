"""One client of the chaos: a process that works on the books until it is told to stop, or killed.

What it does comes from the seed, its number and its generation alone: `python -m
tests.ledger.chaos_worker '{"url": …, "token": …, "folder": …, "seed": …, "worker": …,
"generation": …}'`. It ends when the file `stop` appears in the folder or its parent ends.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg

from tests.ledger.chaos_log import MAKING, Log, read
from tests.ledger.chaos_requests import (
    ACCOUNTS,
    BUSINESSES,
    CALLS,
    CONTESTED,
    CREATE,
    DONE_BEFORE,
    HOLD,
    LIMITED,
    LINES_OF,
    REFUSALS,
    WEIGHTS,
)
from tests.pgtap import value


class Lost(Exception):
    """The connection is gone, and nobody knows what became of the request."""


class Worker:
    """The process: its log, its dice, its connection."""

    def __init__(self, facts: dict[str, Any]) -> None:
        self.facts = facts
        self.folder = Path(facts["folder"])
        self.name = f"{facts['worker']}"
        path = self.folder / f"worker-{self.name}.log"
        self.history = read(path)
        self.log = Log(path)
        self.dice = random.Random(f"{facts['seed']}/{self.name}/{facts['generation']}")
        self.parent = os.getppid()
        self.conn: psycopg.Connection | None = None

    def note(self, **record: Any) -> None:
        self.history.take(self.log.write(record))

    def over(self) -> bool:
        return (self.folder / "stop").exists() or os.getppid() != self.parent

    def run(self) -> None:
        while self.history.pending or not self.over():
            resent = self.history.pending is not None
            if not resent:
                asked = self.plan(self.dice.choices([*WEIGHTS], [*WEIGHTS.values()])[0])
                if asked is None:
                    continue
                self.note(do=self.history.number + 1, **asked)
            assert self.history.pending is not None
            try:
                self.carry_out(self.history.pending, resent=resent)
            except Lost:
                self.conn = None
                if os.getppid() != self.parent:
                    return

    def session(self) -> psycopg.Connection:
        """The connection, made anew until the server lets it in."""
        give_up = time.monotonic() + 120
        while self.conn is None:
            try:
                conn = psycopg.connect(
                    self.facts["url"], autocommit=True, application_name=f"chaos-{self.name}"
                )
                conn.execute("SELECT set_config('pgerp.token', %s, false)", [self.facts["token"]])
                self.conn = conn
            except psycopg.Error:
                if time.monotonic() > give_up or os.getppid() != self.parent:
                    raise
                time.sleep(0.05)
        return self.conn

    def carry_out(self, asked: dict[str, Any], *, resent: bool) -> None:
        """Send a request and write down the answer."""
        kind = asked["kind"]
        conn = self.session()
        try:
            answer = self.send(conn, kind, asked)
            if kind in MAKING and self.dice.random() < 0.03:
                first, answer = answer, self.send(conn, kind, asked)
                # What was left out of a batch may have been taken now.
                kept = zip(first["ids"], answer["ids"], strict=True)
                if any(
                    one not in ([None, other] if kind == "skip" else [other]) for one, other in kept
                ):
                    self.note(wrong=f"{asked} gave {first}, then {answer}")
            self.note(did=asked["do"], **answer)
        except psycopg.Error as error:
            state = error.sqlstate or ""
            if conn.closed or conn.broken or state.startswith(("57P", "08")) or not state:
                raise Lost from error
            if resent and state == DONE_BEFORE.get(kind):
                self.note(did=asked["do"], ids=[])
                return
            if state not in REFUSALS[kind]:
                told = f"{state} {error.diag.message_primary}: {error.diag.message_detail}"
                self.note(wrong=f"{kind} {asked['do']} of {self.name} was refused: {told}")
            self.note(refused=state)

    def send(self, conn: psycopg.Connection, kind: str, asked: dict[str, Any]) -> dict[str, Any]:
        if kind in ("batch", "skip"):
            batch = [self.as_entry(request) for request in asked["entries"]]
            rows = conn.execute(
                "SELECT entry_id::text FROM ledger.create_journal_entries(%s, %s)",
                [json.dumps(batch), "atomic" if kind == "batch" else "skip_bad"],
            )
            return {"ids": [row[0] for row in rows.fetchall()]}
        if kind == "pair":
            conn.execute(f"BEGIN ISOLATION LEVEL {asked['isolation']}")  # type: ignore[arg-type]
        try:
            if kind in MAKING:
                ids = [str(value(conn, *self.creation(r, kind))) for r in asked["entries"]]
                if kind == "pair":
                    conn.execute("COMMIT")
                return {"ids": ids}
        except psycopg.Error:
            if not conn.closed and conn.info.transaction_status != 0:
                conn.execute("ROLLBACK")
            raise
        if kind == "read":
            return self.look(conn, asked)
        if kind == "seal":
            sealed = conn.execute("SELECT seal_no, encode(seal_hash, 'hex') FROM ledger.seal()")
            return {"seals": dict(sealed.fetchall())}
        given = [asked["id"]] if "id" in asked else asked["given"]
        row = conn.execute(CALLS[kind], given).fetchone()  # type: ignore[arg-type]
        return {"ids": [str(row[0])] if kind in ("reverse", "contest") and row else []}

    @staticmethod
    def creation(request: dict[str, Any], kind: str) -> tuple[str, list[Any]]:
        key, lines = request["key"], json.dumps(request["lines"])
        if kind == "hold":
            return HOLD, [request["business"], request["date"], lines, key, key]
        status = "DRAFT" if kind == "draft" else "POSTED"
        return CREATE, [request["business"], request["date"], lines, status, key, key]

    @staticmethod
    def as_entry(request: dict[str, Any]) -> dict[str, Any]:
        key = request["key"]
        more = {"description": "Chaos", "reference": key, "idempotency_key": key}
        return {name: part for name, part in request.items() if name != "key"} | more

    def look(self, conn: psycopg.Connection, asked: dict[str, Any]) -> dict[str, Any]:
        """In one snapshot: statements sum to zero, a balance is the sum of its lines."""
        business, account = asked["business"], asked["account"]
        with conn.transaction():
            conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            found = {
                "trial balance": conn.execute(
                    "SELECT sum(debit) - sum(credit), sum(balance) FROM ledger.trial_balance(%s)",
                    [business],
                ).fetchone(),
                "balance sheet": conn.execute(
                    "SELECT sum(balance), 0 FROM ledger.balance_sheet(%s, 'infinity')", [business]
                ).fetchone(),
                "balance less lines": conn.execute(
                    f"SELECT ledger.account_balance(%s, %s) - ({LINES_OF}), 0",  # type: ignore[arg-type]
                    [business or "MAIN", account, account, business or "MAIN"],
                ).fetchone(),
            }
        for what, row in found.items():
            if row is None or any(row):
                self.note(wrong=f"{what} of {business}, {account}: {row}")
        return {}

    def plan(self, kind: str) -> dict[str, Any] | None:
        """Decide what a request of this kind asks for; None where there is nothing to ask."""
        dice = self.dice
        if kind in MAKING:
            return {"kind": kind, **self.plan_entries(kind)}
        if kind == "read":
            business = dice.choice([*BUSINESSES, None])
            return {"kind": kind, "business": business, "account": dice.choice(ACCOUNTS)}
        if kind == "seal":
            return {"kind": kind}
        if kind == "number":
            return {"kind": kind, "given": [dice.choice(BUSINESSES)]}
        if kind in ("close", "soft_close", "reopen"):
            return {"kind": kind, "given": [dice.choice(BUSINESSES), self.month()[:7]]}
        if kind in ("close_year", "reopen_year"):
            year = dice.choice(["2025", "2026"])
            months = [f"{year}-{month:02}" for month in range(1, 13)]
            more = [months] if kind == "reopen_year" else []
            return {"kind": kind, "given": [dice.choice(BUSINESSES), year, *more]}
        if kind == "contest":
            try:
                rows = self.session().execute(CONTESTED).fetchall()
            except psycopg.Error:
                self.conn = None
                return None
            return {"kind": kind, **self.named(*dice.choice(rows))} if rows else None
        state = {"post_held": "HELD", "release": "HELD", "post_draft": "DRAFT", "drop": "DRAFT"}
        keys = self.history.keys(state.get(kind, "POSTED"))
        if not keys:
            return None
        key = dice.choice(keys[-40:])
        return {"kind": kind, **self.named(self.history.entries[key].id, key)}

    @staticmethod
    def named(entry_id: Any, key: str) -> dict[str, Any]:
        return {"key": key, "id": str(entry_id)}

    def month(self) -> str:
        return f"{self.dice.choice([2025, 2026])}-{self.dice.randint(1, 12):02}-15"

    def plan_entries(self, kind: str) -> dict[str, Any]:
        dice, number = self.dice, self.history.number + 1
        count = {"pair": 2, "batch": dice.randint(2, 6), "skip": dice.randint(2, 6)}.get(kind, 1)
        entries = [self.plan_entry(kind, f"{self.name}-{number}-{n}") for n in range(count)]
        if kind == "skip":
            entries[-1]["lines"][0]["debit"] = "0.0001"  # does not balance
        if kind == "pair":
            entries[1] = entries[0] | {"key": entries[1]["key"]}
            levels = ["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"]
            return {"entries": entries, "isolation": dice.choice(levels)}
        return {"entries": entries}

    def plan_entry(self, kind: str, key: str) -> dict[str, Any]:
        dice = self.dice
        accounts = dice.sample(ACCOUNTS, 3)
        if kind == "hold" or (kind in ("post", "batch", "skip") and dice.random() < 0.1):
            accounts[dice.randint(0, 1)] = LIMITED
        amount = Decimal(dice.randint(1, 10**6)) / 100
        more: dict[str, str] = {}
        if kind == "euro":
            accounts[0] = "1150"
            more = {"currency": "EUR", "rate": str(Decimal(dice.randint(8000, 13000)) / 10000)}
        lines = [
            {"account": accounts[0], "debit": str(amount), **more},
            {"account": accounts[1], "credit": str(amount), **more},
        ]
        if not more and amount > 1 and dice.random() < 0.3:
            lines[1]["credit"] = str(amount - 1)
            lines.append({"account": accounts[2], "credit": "1"})
        return {
            "key": key,
            "business": dice.choice(BUSINESSES),
            "date": self.month(),
            "lines": lines,
        }


if __name__ == "__main__":
    Worker(json.loads(sys.argv[1])).run()
