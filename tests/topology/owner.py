"""Somebody whose books are kept by every way of posting, wherever ledger and finance are."""

from __future__ import annotations

import json
from typing import Any

from tests.ledger.books import as_json
from tests.pgtap import as_role, value
from tests.topology.sites import Site


class Owner:
    """Somebody with a tenant, and books that entries reach in every way there is."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.books = site.at("ledger")
        self.tenant_id = value(self.books, "SELECT identity.create_tenant('Owner')")
        self.token = self.issue(None)
        for code in ("MAIN", "SIDE"):
            self.act("SELECT identity.create_business(%s, %s, 'KES')", code, code.title())
            self.act("SELECT ledger.create_fiscal_year(%s, '2026-01-01')", code)
        for code, kind in (
            ("1110", "ASSET"), ("2110", "LIABILITY"), ("3100", "EQUITY"), ("4100", "REVENUE"),
            ("5100", "EXPENSE"),
        ):  # fmt: skip
            self.act("SELECT ledger.create_account(%s, %s, %s)", code, f"Account {code}", kind)
        self.act(
            "SELECT ledger.create_account('1130', 'Of SIDE', 'ASSET', p_business_code => 'SIDE')"
        )
        self.act("SELECT ledger.set_account_role('retained_earnings', '3100')")

    def issue(self, businesses: list[int] | None) -> str:
        token: str = value(
            self.books,
            "SELECT identity.issue_token(%s, 'alice', %s, '1 day')",
            [self.tenant_id, businesses],
        )
        return token

    def act(self, statement: str, *arguments: Any, module: str = "ledger") -> Any:
        """Call a function in a transaction of its own."""
        conn = self.site.at(module)
        with conn.transaction():
            conn.execute("SELECT set_config('pgerp.token', %s, true)", [self.token])
            return value(conn, statement, list(arguments))

    def rows(self, module: str, query: str, token: str | None = None) -> list[tuple[Any, ...]]:
        """Return the rows of a query as a client of a module sees them."""
        conn = self.site.at(module)
        with conn.transaction(), as_role(conn, "pgerp_app"):
            conn.execute("SELECT set_config('pgerp.token', %s, true)", [token or self.token])
            return conn.execute(query).fetchall()  # type: ignore[call-overload]

    def post(self, date: str, *lines: tuple[str, str], business: str = "MAIN") -> Any:
        return self.act(
            "SELECT ledger.create_journal_entry(%s, %s, 'Test', %s)",
            business,
            date,
            as_json(*lines),
        )

    def keep_books(self) -> None:
        """Post by every function, and past them; rename an account; close the year of SIDE."""
        self.post("2026-01-10", ("1110", "100.25"), ("3100", "-100.25"))
        self.post("2026-03-04", ("1110", "40"), ("1110", "2.5"), ("4100", "-42.5"))
        self.post("2026-03-04", ("1130", "7"), ("4100", "-7"), business="SIDE")
        draft = self.act(
            "SELECT ledger.create_journal_entry('MAIN', '2026-04-01', 'Draft', %s, 'DRAFT')",
            as_json(("5100", "12.3456"), ("2110", "-12.3456")),
        )
        self.act("SELECT ledger.post_journal_entry(%s)", draft)
        self.act(
            "SELECT ledger.create_journal_entry('MAIN', '2026-04-02', 'Only a draft', %s, 'DRAFT')",
            as_json(("5100", "99"), ("2110", "-99")),
        )
        wrong = self.post("2026-04-02", ("5100", "5"), ("1110", "-5"))
        self.act("SELECT ledger.reverse_journal_entry(%s, 'Wrong', '2026-05-01')", wrong)
        batch = [
            {"business": "MAIN", "date": "2026-06-01", "description": "Batch", "lines": lines}
            for lines in (
                [{"account": "5100", "debit": "1"}, {"account": "1110", "credit": "1"}],
                [{"account": "5100", "debit": "2"}, {"account": "1110", "credit": "2"}],
            )
        ]
        self.act("SELECT count(*) FROM ledger.create_journal_entries(%s)", json.dumps(batch))
        self.by_hand()
        self.rename("1110", "Cash")
        self.act("SELECT ledger.close_fiscal_year('SIDE', '2026')")
        self.site.settle()

    def rename(self, code: str, name: str) -> None:
        """Give an account another name."""
        with self.books.transaction():
            self.books.execute(
                "UPDATE ledger.accounts SET name = %s WHERE tenant_id = %s AND code = %s",
                [name, self.tenant_id, code],
            )

    def by_hand(self) -> None:
        """Insert a posted entry past all functions."""
        with self.books.transaction():
            self.books.execute("SELECT set_config('pgerp.token', %s, true)", [self.token])
            entry = value(
                self.books,
                "INSERT INTO ledger.journal_entries (tenant_id, id, business_id, entry_date,"
                " status, description) SELECT %s, core.uuid_v7(), b.id, '2026-07-01', 'POSTED',"
                " 'By hand' FROM identity.businesses AS b WHERE b.tenant_id = %s"
                " AND b.code = 'MAIN' RETURNING id",
                [self.tenant_id, self.tenant_id],
            )
            self.books.execute(
                "INSERT INTO ledger.journal_lines (tenant_id, entry_id, line_no, account_id,"
                " business_id, entry_date, amount) SELECT e.tenant_id, e.id, l.no, a.id,"
                " e.business_id, e.entry_date, l.amount FROM ledger.journal_entries AS e"
                " CROSS JOIN (VALUES (1, '1110', 3), (2, '4100', -3)) AS l (no, code, amount)"
                " INNER JOIN ledger.accounts AS a ON a.tenant_id = e.tenant_id AND a.code = l.code"
                " WHERE e.id = %s",
                [entry],
            )
