"""Every way in for a bad entry: what can be wrong with one, and the paths on which it comes."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import psycopg

from tests.ledger.books import open_books
from tests.pgtap import value
from tests.years import THIS_YEAR

_MADE_AT = f"{int(datetime(THIS_YEAR, 6, 1, tzinfo=UTC).timestamp() * 1000):012x}"
ID = f"{_MADE_AT[:8]}-{_MADE_AT[8:]}-7f1b-9c49-cd917f021e64"
NOBODY = "pgerp_test_nobody"
CLIENTS = ("pgerp_readonly", "pgerp_auditor", "pgerp_monitor", "pgerp_backup", NOBODY)
OWNERS = ("pgerp_owner", "pgerp_migrator")
ROLES = ("superuser", *OWNERS, "pgerp_app", *CLIENTS)


@dataclass(frozen=True)
class Line:
    """A line: account code, signed amount, and what belongs to another currency, as text."""

    no: int
    account: str | None
    amount: str | None
    currency: str | None = None
    foreign: str | None = None
    rate: str | None = None


@dataclass(frozen=True)
class Bad:
    """An entry that must not be.

    Attributes:
        name: What is wrong with it.
        by_table: SQLSTATE of every path by tables; None: taken there, since what was posted in it
            must be reversed and settled.
        by_api: SQLSTATE of every path by functions; None: it cannot be said there.
        lines: Its lines.
        header: Columns of the header that differ from a good one's.
        change: Makes a good draft into it: table, what to do, and to which lines.
    """

    name: str
    by_table: str | None
    by_api: str | None
    lines: tuple[Line, ...]
    header: tuple[tuple[str, Any], ...] = ()
    change: tuple[str, str, str] | None = None


GOOD = (Line(1, "1110", "100"), Line(2, "4100", "-100"))


def first(change: str | None, **columns: Any) -> dict[str, Any]:
    """Return lines of which the first differs, and the change that makes it so."""
    set_first = ("journal_lines", f"SET {change}", "line_no = 1") if change else None
    return {"lines": (replace(GOOD[0], **columns), GOOD[1]), "change": set_first}


def account(code: str) -> dict[str, Any]:
    """Return lines of which the first is on this account."""
    return first(f"account_id = '{{{code}}}'", account=code)


def amount(text: str) -> dict[str, Any]:
    """Return lines of which the first has this amount."""
    return first(f"amount = '{text}'", amount=text)


def foreign(currency: str | None, units: str | None, rate: str | None) -> dict[str, Any]:
    """Return lines of which the first is in another currency."""
    changes = [
        f"{column} = {'NULL' if text is None else repr(text)}"
        for column, text in (
            ("currency_code", currency), ("currency_amount", units), ("exchange_rate", rate)
        )
    ]  # fmt: skip
    return first(", ".join(changes), currency=currency, foreign=units, rate=rate)


BAD = (
    Bad("unbalanced", "ZL001", "ZL001", **amount("99.9999")),
    Bad("one line", "ZL005", "ZL005", GOOD[:1],
        change=("journal_lines", "DELETE", "line_no = 2")),
    Bad("zero lines", "ZL005", "ZL005", (), change=("journal_lines", "DELETE", "true")),
    Bad("rounding below the scale", "ZL001", "ZL011",
        (Line(1, "1110", "0.00005"), Line(2, "1120", "0.00005"), Line(3, "4100", "-0.0001")),
        change=("journal_lines", "SET amount = amount + 0.00005", "line_no = 1")),
    Bad("account of a foreign tenant", "23503", "ZL007", **account("T-9")),
    Bad("no account", "23502", "ZL015", **first("account_id = NULL", account=None)),
    Bad("account of another business", "ZL012", "ZL012", **account("1130")),
    Bad("inactive account", "ZL010", "ZL010", **account("1190")),
    Bad("header account", "ZL009", "ZL009", **account("1000")),
    Bad("control account of a module", "ZL021", "ZL021", **account("1160")),
    Bad("closed period", "ZL002", "ZL002", GOOD, (("entry_date", "2026-01-15"),),
        ("journal_entries", "SET entry_date = '2026-01-15'", "true")),
    Bad("date in no period", "ZL003", "ZL003", GOOD, (("entry_date", "2031-01-15"),),
        ("journal_entries", "SET entry_date = '2031-01-15'", "true")),
    Bad("infinite date", "ZL003", None, GOOD, (("entry_date", "infinity"),),
        ("journal_entries", "SET entry_date = 'infinity'", "true")),
    Bad("no such kind of period", "ZL003", "ZL003", GOOD, (("period_kind", "adjusting"),),
        ("journal_entries", "SET period_kind = 'adjusting'", "true")),
    Bad("NaN", "23514", "ZL011", **amount("NaN")),
    Bad("infinity", "22003", "ZL011", **amount("Infinity")),
    Bad("minus infinity", "22003", "ZL011", **amount("-Infinity")),
    Bad("seventeen digits", "22003", "ZL011", **amount("10000000000000000")),
    Bad("a hundred digits", "22003", "ZL011", **amount("1" * 100)),
    Bad("rounded up to seventeen digits", "22003", "ZL011", **amount("9999999999999999.99995")),
    Bad("zero amount", "23514", "ZL011", **amount("0")),
    Bad("rounded to zero", "23514", "ZL011", **amount("0.00004")),
    Bad("no amount", "23502", "ZL011", **first("amount = NULL", amount=None)),
    Bad("currency that the account does not take", "ZL014", "ZL014", **account("1150")),
    Bad("unknown currency", "23503", "ZL014", **foreign("XXQ", "50", "2")),
    Bad("withdrawn currency", None, "ZL014", **foreign("HRK", "50", "2")),
    Bad("malformed currency", "23514", "ZL014", **foreign("eur", "50", "2")),
    Bad("functional currency as a foreign one", "ZL014", "ZL014", **foreign("USD", "50", "2")),
    Bad("currency without rate", "23514", "ZL014", **foreign("EUR", "50", None)),
    Bad("rate without currency", "23514", "ZL014", **foreign(None, None, "2")),
    Bad("NaN as rate", "23514", "ZL014", **foreign("EUR", "50", "NaN")),
    Bad("infinite rate", "22003", "ZL014", **foreign("EUR", "50", "Infinity")),
    Bad("huge rate", "22003", "ZL014", **foreign("EUR", "50", "1" + "0" * 10)),
    Bad("zero rate", "23514", "ZL014", **foreign("EUR", "50", "0")),
    Bad("negative rate", "23514", "ZL014", **foreign("EUR", "50", "-2")),
    Bad("NaN in the currency", "23514", "ZL011", **foreign("EUR", "NaN", "2")),
    Bad("infinity in the currency", "22003", "ZL011", **foreign("EUR", "Infinity", "2")),
    Bad("huge amount in the currency", "22003", "ZL011", **foreign("EUR", "1" * 17, "2")),
    Bad("other side in the currency", "23514", None, **foreign("EUR", "-50", "2")),
    Bad("finer than the currency", "ZL011", "ZL011", **foreign("EUR", "50.001", "2")),
    Bad("not what the rate makes", "ZL011", None, **foreign("EUR", "50", "2.5")),
    Bad("duplicate line numbers", "23505", "ZL015", (GOOD[0], replace(GOOD[1], no=1)),
        change=("journal_lines", "SET line_no = 1", "line_no = 2")),
    Bad("line number zero", "23514", "ZL015", (replace(GOOD[0], no=0), GOOD[1]),
        change=("journal_lines", "SET line_no = 0", "line_no = 1")),
    Bad("a line of no entry", "ZL006", None, GOOD,
        change=("journal_lines", "SET entry_id = core.uuid_v7()", "line_no = 1")),
    Bad("no description", "23502", "23502", GOOD, (("description", None),),
        ("journal_entries", "SET description = NULL", "true")),
    Bad("born voided", "ZL016", "ZL016", GOOD, (("status", "VOIDED"),)),
    Bad("business of a foreign tenant", "ZL003", "ZI005", GOOD, (("business_id", "THEIRS"),)),
    Bad("no business", "ZL003", "ZI005", GOOD, (("business_id", None),)),
)  # fmt: skip


@dataclass
class Stage:
    """A session on books in which everything is there that an entry can be wrong about."""

    conn: psycopg.Connection
    tenant_id: int
    business_id: int
    theirs: int
    accounts: dict[str, str]

    def header(self, bad: Bad) -> dict[str, Any]:
        """Return the columns of the entry's header."""
        given = {
            "tenant_id": self.tenant_id,
            "business_id": self.business_id,
            "id": ID,
            "entry_date": "2026-03-04",
            "status": "POSTED",
            "description": "bad",
        }
        given |= dict(bad.header)
        if given["business_id"] == "THEIRS":
            given["business_id"] = self.theirs
        return given

    def line(self, line: Line) -> dict[str, Any]:
        """Return the columns of a line."""
        return {
            "tenant_id": self.tenant_id,
            "entry_id": ID,
            "line_no": line.no,
            "account_id": None if line.account is None else self.accounts[line.account],
            "business_id": self.business_id,
            "entry_date": "2026-03-04",
            "amount": line.amount,
            "currency_code": line.currency,
            "currency_amount": line.foreign,
            "exchange_rate": line.rate,
        }

    def filled(self, change: str) -> str:
        """Return a change with the ids of the accounts that it names as {code}."""
        return re.sub(r"\{([^}]+)\}", lambda code: self.accounts[code[1]], change)

    def request(self, bad: Bad) -> dict[str, Any]:
        """Return the entry as the posting functions take it."""
        header = self.header(bad)
        business = {self.business_id: "MAIN", None: None}.get(header["business_id"], "THEIRS")
        known = {"date": header["entry_date"], "business": business}
        known |= {key: header[key] for key in ("description", "status")}
        if "period_kind" in header:
            known["period_kind"] = header["period_kind"]
        return known | {"lines": [self.spoken(bad, line) for line in bad.lines]}

    def spoken(self, bad: Bad, line: Line) -> dict[str, str]:
        """Return a line in the words of the posting functions."""
        text = line.amount if line.foreign is None else line.foreign
        side = "credit" if text is not None and text.startswith("-") else "debit"
        given = {
            "account": line.account,
            side: text if text is None or "Inf" in text else text.lstrip("-"),
            "currency": line.currency,
            "rate": line.rate,
            "line_no": str(line.no) if "number" in bad.name else None,
        }
        return {key: text for key, text in given.items() if text is not None}


def set_stage(conn: psycopg.Connection) -> None:
    """Make the books: another tenant, odd accounts, a closed month, a withdrawn currency."""
    theirs = open_books(conn, "Theirs")
    conn.execute("SELECT ledger.create_account('T-9', 'Theirs', 'ASSET')")
    conn.execute("SELECT identity.create_business('THEIRS', 'Theirs', 'USD')")
    assert theirs.tenant_id
    open_books(conn, "Ours")
    for code, more in (("1190", ""), ("1160", ""), ("1150", ", p_currency_code => 'EUR'")):
        conn.execute(f"SELECT ledger.create_account('{code}', '{code}', 'ASSET'{more})".encode())
    conn.execute("UPDATE ledger.accounts SET is_active = false WHERE code = '1190'")
    conn.execute("UPDATE ledger.accounts SET control_module = 'sales' WHERE code = '1160'")
    conn.execute("UPDATE ledger.fiscal_periods SET status = 'closed' WHERE code = '2026-01'")
    conn.execute(
        "INSERT INTO ledger.currencies (code, name, numeric_code, minor_unit, is_active)"
        " VALUES ('HRK', 'Kuna', '191', 2, false)"
        " ON CONFLICT (code) DO UPDATE SET is_active = false"
    )


def step_on_stage(conn: psycopg.Connection) -> Stage:
    """Open the books that `set_stage` made, as the tenant Ours."""
    tenant_id, other_id = (
        value(conn, "SELECT id FROM identity.tenants WHERE name = %s", [name])
        for name in ("Ours", "Theirs")
    )
    conn.execute("SELECT set_config('pgerp.token', identity.issue_token(%s), true)", [tenant_id])
    conn.execute("SELECT set_config('pgerp.tenant_id', %s, true)", [str(tenant_id)])
    accounts = conn.execute(
        "SELECT code::text, id::text FROM ledger.accounts WHERE tenant_id = %s OR code = 'T-9'",
        [tenant_id],
    ).fetchall()
    find = "SELECT id FROM identity.businesses WHERE tenant_id = %s AND code = %s"
    return Stage(
        conn,
        tenant_id,
        value(conn, find, [tenant_id, "MAIN"]),
        value(conn, find, [other_id, "THEIRS"]),
        dict(accounts),
    )


FINE = Bad("nothing", "", "", GOOD)
DRAFT = replace(FINE, header=(("status", "DRAFT"),))
