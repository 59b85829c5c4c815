"""The statements of the guide to the books of lending run, and its table names what there is."""

from __future__ import annotations

import re

import psycopg

from tests.ledger.books import open_books, settle
from tests.lending.books import ROLES
from tests.lending.loans import call, paid_out
from tests.lending.products import save_product
from tests.pgtap import value

from .test_documents import ROOT, blocks

GUIDE = "docs/lending-books.md"


def test_the_sql_of_the_guide_to_the_books_of_lending_runs(db: psycopg.Connection) -> None:
    open_books(db, "Guide")
    (script,) = blocks(GUIDE, "sql")
    for statement in script.strip().removesuffix(";").split(";\n"):
        db.execute(statement)  # type: ignore[call-overload]
    assert set(re.findall(r"set_account_role\('(\w+)'", script)) == set(ROLES)
    db.execute("SELECT identity.create_user('olive', 'Olive', NULL, true)")
    save_product(db)
    loan = paid_out(db)
    call(db, "record_loan_payment", p_loan_id=loan, p_amount=300, p_paid_on="2026-05-02",
        p_method="mpesa")  # fmt: skip
    assert value(db, "SELECT count(*) FROM ledger.journal_entries") >= 2
    settle(db)


def test_the_guide_names_every_event_of_lending(db: psycopg.Connection) -> None:
    text = (ROOT / GUIDE).read_text()
    events = {code for (code,) in db.execute(
        "SELECT split_part(code, '.', 2) FROM events.event_types WHERE code LIKE 'lending.%'"
    )}  # fmt: skip
    assert events == {name for name in events if re.search(rf"`(lending\.)?{name}`", text)}
