"""Importing a portfolio: all of it in one transaction, or nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import psycopg

from pgerp.errors import PgerpError
from pgerp.portfolio.files import CUSTOMERS, Problem, Record
from pgerp.portfolio.options import PortfolioOptions, PortfolioResult
from pgerp.portfolio.reconcile import reconcile
from pgerp.portfolio.requests import (
    APPLY,
    TERMS,
    Differs,
    application_of,
    approved_on,
    compare_terms,
    in_words,
    key_of,
    transactions_of,
)
from pgerp.portfolio.rows import Loan, Portfolio, read_portfolio
from pgerp.session import Cursor, TenantSession, database_error, privilege_error, require_tenants

Progress = Callable[[str, int, int], None]
"""Called with (what is done, how much of it is done, how much there is)."""

_TOKEN = "SELECT set_config('pgerp.token', %s, true)"


def import_portfolio(
    session: TenantSession,
    folder: Path,
    options: PortfolioOptions,
    *,
    progress: Progress = lambda what, done, total: None,
) -> PortfolioResult:
    """Import customers, loans and payments, and compare what they come to.

    Everything is one transaction, which is taken back if anything is wrong, if balances differ
    without `accept_differences`, or for a `dry_run`. What was imported before is left alone.

    Args:
        session: The tenant, on a connection in autocommit of a role that may issue tokens.
        folder: Has customers.csv, loans.csv and payments.csv.
        options: What to import into.
        progress: Told how many loans are done.

    Raises:
        PgerpError: A file cannot be read as such, or the server refuses.
    """
    portfolio = read_portfolio(folder)
    result = PortfolioResult(portfolio.problems)
    if not result.problems:
        result.problems = list(_option_problems(portfolio, options))
    if result.problems:
        return result
    connection = session.connection
    try:
        require_tenants(connection)
        _Run(session, portfolio, options, result, progress).run()
    except psycopg.errors.InsufficientPrivilege as error:
        raise privilege_error(connection, error) from error
    except psycopg.Error as error:
        raise database_error(error, str(folder)) from error
    return result


def _option_problems(portfolio: Portfolio, options: PortfolioOptions) -> list[Problem]:
    """Return what the files have that needs an option, or cannot be."""
    found = []
    for record in portfolio.customers.values():
        if record.get("phone") and options.keyring is None:
            found.append(record.problem("a plain phone needs --keys to encrypt it"))
    for loan in portfolio.loans:
        if loan.old and options.as_of is None:
            found.append(loan.record.problem("balances of the old system need --as-of"))
        elif loan.record["approved_by"] == loan.record["officer"]:
            found.append(loan.record.problem("its officer approved it: that is for another"))
        elif options.as_of is not None and loan.record["disbursed_on"] > str(options.as_of):
            found.append(loan.record.problem(f"paid out after {options.as_of}, the day of --as-of"))
    return found


class _Run:
    """One import under way."""

    def __init__(
        self,
        session: TenantSession,
        portfolio: Portfolio,
        options: PortfolioOptions,
        result: PortfolioResult,
        progress: Progress,
    ) -> None:
        self.session = session
        self.portfolio = portfolio
        self.options = options
        self.result = result
        self.progress = progress
        self.business_id = 0
        self.tokens: dict[str, str] = {}
        self.customers: dict[str, object] = {}

    def run(self) -> None:
        """Do it all in one transaction, and keep it if nothing is wrong."""
        own = self._issue_tokens()
        if self.result.problems:
            return
        loans = self.portfolio.loans
        ids: dict[str, object] = {}
        with self.session.transaction() as cursor:
            cursor.execute(_TOKEN, (own,))
            self._open(cursor)
            self._check_decimals(cursor)
            for record in self.portfolio.customers.values():
                self._attempt(cursor, record, partial(self._customer, cursor, record))
            for done, loan in enumerate(loans, 1):
                ids[loan.number] = self._attempt(
                    cursor, loan.record, partial(self._loan, cursor, loan, own), loan
                )
                self.progress("importing", done, len(loans))
            result, options = self.result, self.options
            if not result.problems and options.as_of is not None:
                compared = [(loan, ids[loan.number]) for loan in loans if loan.old]
                result.reconciliation = reconcile(cursor, compared, options.as_of)
            # A deferred constraint fails here, not when it is too late.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            differs = result.reconciliation.differing > 0 and not options.accept_differences
            result.is_kept = not (result.problems or differs or options.dry_run)
            if not result.is_kept:
                raise psycopg.Rollback

    def _issue_tokens(self) -> str:
        """Return a token for the import; have one for each who approved: import:bob, not bob.

        Each for a day, since the transaction may take hours; by itself, since issuing locks the
        keys until the end of its transaction.
        """
        connection, tenant = self.session.connection, self.session.tenant_id
        with self.session.transaction() as cursor:
            cursor.execute("SELECT u.subject FROM identity.users AS u WHERE u.is_active")
            users = {subject for (subject,) in cursor.fetchall()}
        for loan in self.portfolio.loans:
            if (officer := loan.record["officer"]) not in users:
                reason = f"officer {officer!r} is no active user of the tenant"
                self.result.problems.append(loan.record.problem(reason))
        if self.result.problems:
            return ""
        issue = "SELECT identity.issue_token(%s, %s, NULL, '1 day', '{lending.approve}')"
        for subject in {loan.record["approved_by"] for loan in self.portfolio.loans}:
            named = (tenant, f"import:{subject}")
            (self.tokens[subject],) = connection.execute(issue, named).fetchone()  # type: ignore[misc]
        issue = "SELECT identity.issue_token(%s, p_valid_for => '1 day')"
        (own,) = connection.execute(issue, (tenant,)).fetchone()  # type: ignore[misc]
        return str(own)

    def _open(self, cursor: Cursor) -> None:
        """Find the business; say from when its books are open, if that is wanted."""
        cursor.execute(
            "SELECT id FROM identity.businesses WHERE tenant_id = %s AND code = %s",
            (self.session.tenant_id, self.options.business),
        )
        row = cursor.fetchone()
        if row is None:
            raise PgerpError(
                f"the tenant has no business {self.options.business!r}",
                hint="Correct --business, or make it with identity.create_business.",
            )
        self.business_id = row[0]
        if self.options.books_open_from is not None:
            cursor.execute(
                "SELECT lending.save_settings(%s, %s)",
                (self.options.business, self.options.books_open_from),
            )

    def _check_decimals(self, cursor: Cursor) -> None:
        """Find amounts that are finer than the currency of their product."""
        cursor.execute(
            "SELECT p.code, p.minor_units FROM lending.products AS p WHERE p.tenant_id = %s"
            " AND (p.business_id = %s OR p.business_id IS NULL) ORDER BY p.business_id NULLS FIRST",
            (self.session.tenant_id, self.business_id),
        )
        decimals: dict[str, int] = dict(cursor.fetchall())
        for loan in self.portfolio.loans:
            # A product that is not there is refused with its loan.
            most = decimals.get(loan.record["product"], 4)
            for record in (loan.record, *loan.payments):
                for column in ("principal", "fees_withheld", "amount"):
                    fraction = (record.get(column) or "").partition(".")[2].rstrip("0")
                    if len(fraction) > most:
                        reason = f"{column} {record[column]} has more than {most} decimals"
                        self.result.problems.append(record.problem(reason))

    def _attempt(
        self,
        cursor: Cursor,
        record: Record,
        act: Callable[[], object],
        loan: Loan | None = None,
    ) -> object:
        """Do something of one record; what the database refuses of it becomes a problem."""
        try:
            with cursor.connection.transaction():
                return act()
        except Differs as error:
            self.result.problems.append(record.problem(str(error)))
        except psycopg.errors.InsufficientPrivilege:
            raise
        except psycopg.Error as error:
            if error.sqlstate is None or error.sqlstate[:2] in ("08", "53", "57", "58", "XX"):
                raise
            at = record
            for payment in loan.payments if loan else []:
                if (
                    key_of(payment, self.business_id)
                    in f"{error.diag.message_primary} {error.diag.message_detail}"
                ):
                    at = payment
            self.result.problems.append(at.problem(in_words(error)))
        return None

    def _customer(self, cursor: Cursor, record: Record) -> None:
        """Find a customer by its number, or make it."""
        number = record["customer_no"]
        if self._find(cursor, number):
            self.result.existing["customers"] += 1
            return
        given = {column: text for column, text in record.values.items() if column != "phone"}
        phone = record.get("phone")
        if phone is not None:
            assert self.options.keyring is not None
            try:
                encrypted, hashed = self.options.keyring.protect(phone, "phone")
            except PgerpError as error:
                raise Differs(f"phone: {error.message}") from error
            given |= {"phone_encrypted": encrypted, "phone_hash": hashed}
        # That several share a phone is no offence, and they have numbers of their own.
        cursor.execute("SELECT party.create_customer(%s, true)", (json.dumps(given),))
        row = cursor.fetchone()
        assert row is not None
        self.customers[number] = row[0]
        self.result.new["customers"] += 1

    def _find(self, cursor: Cursor, number: str) -> object | None:
        """Return the id of a customer that is there."""
        if number not in self.customers:
            cursor.execute(
                "SELECT id FROM party.customers WHERE tenant_id = %s AND customer_no = %s",
                (self.session.tenant_id, number),
            )
            row = cursor.fetchone()
            if row is None:
                return None
            self.customers[number] = row[0]
        return self.customers[number]

    def _loan(self, cursor: Cursor, loan: Loan, own: str) -> object:
        """Make a loan with all that happened to it, or what is new of one that is there."""
        record = loan.record
        cursor.execute(TERMS, (self.session.tenant_id, self.options.business, loan.number))
        there = cursor.fetchone()
        if there is not None:
            compare_terms(record, there)
            loan_id = there[0]
        else:
            loan_id = self._apply(cursor, record, own)
        cursor.execute(
            "SELECT lending.import_transactions(%s, %s, %s)",
            (loan_id, json.dumps(transactions_of(loan, self.business_id)), self.options.as_of),
        )
        (made,) = cursor.fetchone() or (0,)
        if there is not None and made == 1 + len(loan.payments):
            raise Differs(f"loan {loan.number!r} is there, and was not imported")
        result = self.result
        (result.existing if there else result.new)["loans"] += 1
        result.new["transactions"] += made
        result.existing["transactions"] += 1 + len(loan.payments) - made
        return loan_id

    def _apply(self, cursor: Cursor, record: Record, own: str) -> object:
        """Apply for a loan, and approve it in the name of who approved it."""
        customer = self._find(cursor, record["customer_no"])
        if customer is None:
            raise Differs(f"customer {record['customer_no']!r} is neither in {CUSTOMERS} nor there")
        cursor.execute(APPLY, application_of(record, self.options.business, customer))
        row = cursor.fetchone()
        assert row is not None
        cursor.execute(_TOKEN, (self.tokens[record["approved_by"]],))
        cursor.execute(
            "SELECT lending.approve_loan(%s, NULL, %s, 'Imported')", (row[0], approved_on(record))
        )
        cursor.execute(_TOKEN, (own,))
        return row[0]
