"""The payroll of fifty: from hiring to the books. Run on any site, it ends with equal books."""

from __future__ import annotations

from typing import Any

import psycopg

from tests.payroll.staff import ROLES
from tests.pgtap import value
from tests.topology.sites import Site

STAFF = 50
RULES = "{payroll.record_processed, payroll.record_paid, payroll.record_reversed}"

BOOKS = """
SELECT e.entry_date, e.description, e.source_module, l.line_no, a.code, l.amount::text,
    l.department_code::text
FROM ledger.journal_entries AS e
INNER JOIN ledger.journal_lines AS l ON e.tenant_id = l.tenant_id AND e.id = l.entry_id
INNER JOIN ledger.accounts AS a ON l.tenant_id = a.tenant_id AND l.account_id = a.id
WHERE e.status = 'POSTED'
ORDER BY e.entry_date, e.description, e.source_module, a.code, l.amount, l.line_no"""
RECORDS = """
SELECT r.employee_no, c.name, r.status::text, r.gross::text, r.net::text,
    r.accounting_transaction_id IS NOT NULL
FROM payroll.payroll_records AS r
INNER JOIN payroll.employee_cache AS c
    ON r.tenant_id = c.tenant_id AND r.employee_no = c.employee_no
ORDER BY r.employee_no"""


class Company:
    """A business in Kenya, its staff, and who acts for it."""

    def __init__(self, site: Site) -> None:
        self.site = site
        books = site.at("ledger")
        self.tenant_id: int = value(books, "SELECT identity.create_tenant('Company')")
        self.tokens = {
            who: value(
                books,
                "SELECT identity.issue_token(%s, %s, NULL, '1 day')",
                [self.tenant_id, who],
            )
            for who in ("alice", "bob")
        }
        self.act("ledger", "SELECT identity.create_business('MAIN', 'Main', 'KES')")
        self.act("ledger", "SELECT ledger.create_fiscal_year('MAIN', '2026-01-01')")
        for role, (code, kind) in ROLES.items():
            self.act("ledger", "SELECT ledger.create_account(%s, %s, %s)", code, role, kind)
            self.act("ledger", "SELECT ledger.set_account_role(%s, %s)", role, code)
        self.act("ledger", "SELECT ledger.create_reference_rules(%s)", RULES)
        site.settle()

    def act(self, module: str, statement: str, *arguments: Any, who: str = "alice") -> Any:
        """Call a function of a module, with the token of somebody, in a transaction of its own."""
        conn = self.site.at(module)
        with conn.transaction():
            conn.execute("SELECT set_config('pgerp.token', %s, true)", [self.tokens[who]])
            return value(conn, statement, list(arguments))

    def hire(self, first: int = 1, last: int = STAFF) -> None:
        """Hire employees, who earn more the later they come."""
        if first == 1:
            self.act("hr", "SELECT hr.create_department('MAIN', 'SALES', 'Sales')")
        for number in range(first, last + 1):
            self.act(
                "hr",
                "SELECT hr.hire_employee('MAIN', %s, %s, 'SALES', '2025-01-01', %s)",
                f"E{number:03}",
                f"Person {number}",
                20_000 + 7_000 * number,
            )
        self.site.settle()

    def calculate(self, month: str) -> None:
        """Calculate a month's pay of all, and have another approve it."""
        if month == "2026-01":
            self.act(
                "payroll",
                "SELECT payroll.create_calendar('MAIN', 'PAY', 'Pay', 'monthly', 'KE',"
                " '2026-01-01')",
            )
            for number in range(1, STAFF + 1):
                self.act(
                    "payroll", "SELECT payroll.enrol_employee('MAIN', %s, 'PAY')", f"E{number:03}"
                )
        self.act("payroll", "SELECT payroll.create_run('MAIN', 'PAY', %s)", f"{month}-01")
        self.act("payroll", "SELECT payroll.calculate_run('MAIN', 'PAY', %s)", month)
        self.act("payroll", "SELECT payroll.approve_run('MAIN', 'PAY', %s)", month, who="bob")

    def process(self, month: str) -> None:
        """Send a month's pay to the books."""
        self.act("payroll", "SELECT payroll.process_run('MAIN', 'PAY', %s)", month, who="bob")

    def rename(self, number: int, name: str) -> None:
        """Give an employee another name."""
        self.act("hr", "SELECT hr.rename_employee('MAIN', %s, %s)", f"E{number:03}", name)

    def books(self) -> list[tuple[Any, ...]]:
        """Return every line of every posted entry."""
        return rows(self.site.at("ledger"), BOOKS)

    def records(self) -> list[tuple[Any, ...]]:
        """Return every employee's record of pay."""
        return rows(self.site.at("payroll"), RECORDS)


def rows(conn: psycopg.Connection, query: str) -> list[tuple[Any, ...]]:
    """Return the rows of a query."""
    return conn.execute(query).fetchall()


def play(site: Site) -> Company:
    """Hire fifty, pay them for January, rename one: the whole saga."""
    company = Company(site)
    company.hire()
    company.calculate("2026-01")
    company.process("2026-01")
    company.rename(7, "Seven Renamed")
    site.settle()
    return company
