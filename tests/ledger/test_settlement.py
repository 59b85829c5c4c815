"""Invoices and payments are matched, in part or whole; gains and losses are realised then."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from tests.ledger.books import Books, balance, post, settle
from tests.ledger.foreign import MATCH, Item, item, match, open_foreign_accounts, open_of, pair
from tests.pgtap import as_role, results_eq, throws, value

UNMATCH = "SELECT ledger.unmatch(%s, %s)"


@pytest.fixture(autouse=True)
def foreign(db: psycopg.Connection, books: Books) -> None:
    """Books with receivables and payables in EUR."""
    open_foreign_accounts(db)


def test_a_payment_at_another_rate_realises_the_gain_and_both_currencies_reach_zero(
    db: psycopg.Connection,
) -> None:
    invoice = item(db, "100", rate="1.10")
    payment = item(db, "-100", rate="1.25", date="2026-03-20", against="1150")
    match(db, invoice, payment)
    results_eq(
        db,
        """SELECT m.amount::text, m.debit_value::text, m.credit_value::text, m.matched_on::text,
            l.amount::text, l.currency_code, l.currency_amount::text, l.counterparty,
            l.entry_date::text, e.source_module
        FROM ledger.matches AS m
        INNER JOIN ledger.journal_lines AS l ON l.entry_id = m.gain_entry_id AND l.line_no = 1
        INNER JOIN ledger.journal_entries AS e ON e.id = l.entry_id""",
        [
            (
                *("100.0000", "110.0000", "125.0000", "2026-03-20"),
                *("15.0000", "EUR", "0.0000", "ACME", "2026-03-20", "ledger"),
            )
        ],
    )
    assert [balance(db, "1200"), balance(db, "4910")] == ["0.0000", "-15.0000"]
    assert open_of(db, invoice) is None and open_of(db, payment) is None
    settle(db)


@pytest.mark.parametrize(
    ("account", "first", "second", "gain", "loss"),
    [
        ("1200", ("100", "1.10"), ("-100", "1.00"), "0", "10.0000"),
        ("2200", ("-100", "1.10"), ("100", "1.20"), "0", "10.0000"),
        ("2200", ("-100", "1.10"), ("100", "1.00"), "-10.0000", "0"),
    ],
)
def test_losses_and_payables_go_the_other_way(
    db: psycopg.Connection,
    account: str,
    first: tuple[str, str],
    second: tuple[str, str],
    gain: str,
    loss: str,
) -> None:
    items = [
        item(db, amount, rate=rate, account=account, against="3100")
        for amount, rate in (first, second)
    ]
    debit, credit = items if account == "1200" else reversed(items)
    match(db, debit, credit)
    assert [balance(db, account), balance(db, "4910"), balance(db, "5920")] == [
        "0.0000",
        gain,
        loss,
    ]
    settle(db)


def test_parts_are_prorated_and_the_last_takes_what_is_left(db: psycopg.Connection) -> None:
    invoice = item(db, "100", rate="1.0833")
    assert open_of(db, invoice) == ("100.0000", "108.3300")
    left = []
    for amount in ("33.33", "33.33", "33.34"):
        match(db, invoice, item(db, "-" + amount, rate="1.0833", against="1150"))
        left.append(open_of(db, invoice))
    assert left == [("66.6700", "72.2200"), ("33.3400", "36.1200"), None]
    assert balance(db, "1200") == "0.0000"
    settle(db)


def test_the_last_part_takes_a_value_finer_than_the_minor_unit_too(db: psycopg.Connection) -> None:
    call = "SELECT ledger.matched_value(100, 150.0033, %s, %s, %s, 2)::text"
    assert value(db, call, [0, 0, 70]) == "105.00"
    assert value(db, call, [70, 105, 30]) == "45.0033"


def test_the_value_of_a_part_is_never_below_zero_nor_above_what_is_open(
    db: psycopg.Connection,
) -> None:
    """Undone parts may leave those whose values were rounded up."""
    call = "SELECT ledger.matched_value(10, %s, %s, %s, %s, 2)::text"
    assert value(db, call, ["0.05", 4, "0.04", 1]) == "0"
    assert value(db, call, ["0.006", 0, "0", 9]) == "0.006"


def test_one_payment_settles_several_invoices_up_to_what_is_open(db: psycopg.Connection) -> None:
    invoices = [item(db, "60", rate="1.10"), item(db, "60", rate="1.20")]
    payment = item(db, "-100", rate="1.30", date="2026-03-20", against="1150")
    match(db, invoices[0], payment)
    match(db, invoices[1], payment, "15.50")
    assert open_of(db, payment) == ("-24.5000", "-31.8500")
    assert open_of(db, invoices[1]) == ("44.5000", "53.4000")
    match(db, invoices[1], payment)
    assert open_of(db, payment) is None
    assert open_of(db, invoices[1]) == ("20.0000", "24.0000")
    settle(db)


def test_items_in_the_functional_currency_match_without_an_entry(db: psycopg.Connection) -> None:
    invoice = item(db, "100.1234", currency=None)
    payment = item(db, "-40.0004", currency=None, against="1110")
    before = value(db, "SELECT count(*) FROM ledger.journal_entries")
    match(db, invoice, payment)
    assert value(db, "SELECT count(*) FROM ledger.journal_entries") == before
    assert open_of(db, invoice) == ("60.1230", "60.1230")
    settle(db)


def test_more_than_is_open_is_never_matched(db: psycopg.Connection) -> None:
    invoice, payment = item(db, "100", rate="1"), item(db, "-60", rate="1")
    throws(db, "ZL054", MATCH, pair(invoice, payment, "60.01"))
    throws(db, "ZL054", MATCH, pair(invoice, payment, "0"))
    throws(db, "ZL054", MATCH, pair(invoice, payment, "-1"))
    throws(db, "ZL011", MATCH, pair(invoice, payment, "0.00001"))
    throws(db, "ZL011", MATCH, pair(invoice, payment, "0.001"))
    match(db, invoice, payment, "59")
    throws(db, "ZL054", MATCH, pair(invoice, payment, "1.01"))
    match(db, invoice, payment)
    throws(db, "ZL054", MATCH, pair(invoice, payment))
    settle(db)


@pytest.mark.parametrize(
    "other",
    [
        {"amount": "60"},
        {"account": "1110"},
        {"business": "SIDE"},
        {"counterparty": "OTHER"},
        {"counterparty": None},
        {"currency": "GBP"},
        {"currency": None, "rate": None},
    ],
    ids=lambda other: " ".join(other),
)
def test_lines_that_do_not_belong_together_are_not_matched(
    db: psycopg.Connection, other: dict[str, Any]
) -> None:
    invoice = item(db, "100", rate="1")
    throws(db, "ZL052", MATCH, pair(invoice, item(db, **({"amount": "-60", "rate": "1"} | other))))
    assert open_of(db, invoice) == ("100.0000", "100.0000")


def test_sides_and_accounts_of_income_are_not_confused(db: psycopg.Connection) -> None:
    invoice, payment = item(db, "100", rate="1"), item(db, "-100", rate="1")
    throws(db, "ZL052", MATCH, pair(payment, invoice))
    sale, refund = Item(invoice.entry_id, 2), Item(payment.entry_id, 2)
    throws(db, "ZL052", MATCH, pair(refund, sale))


def test_only_lines_of_posted_entries_are_matched(db: psycopg.Connection) -> None:
    invoice, sketch = item(db, "100", rate="1"), item(db, "-100", rate="1", status="DRAFT")
    throws(db, "ZL053", MATCH, pair(invoice, sketch))
    throws(db, "ZL053", MATCH, pair(invoice, Item(invoice.entry_id, 9)))
    nowhere = value(db, "SELECT core.uuid_v7()")
    throws(db, "ZL026", MATCH, pair(invoice, Item(nowhere, 1)))


def test_a_match_is_not_dated_before_its_lines_nor_into_a_closed_period(
    db: psycopg.Connection,
) -> None:
    invoice = item(db, "100", rate="1", date="2026-03-04")
    payment = item(db, "-100", rate="2", date="2026-04-05")
    throws(db, "ZL058", MATCH, pair(invoice, payment, on="2026-04-04"))
    db.execute("UPDATE ledger.fiscal_periods SET status = 'closed' WHERE code = '2026-05'")
    throws(db, "ZL002", MATCH, pair(invoice, payment, on="2026-05-01"))
    throws(db, "ZL003", MATCH, pair(invoice, payment, on="2027-01-01"))
    assert value(db, "SELECT count(*) FROM ledger.matches") == 0
    match(db, invoice, payment, on="2026-06-01")
    assert open_of(db, invoice, "2026-05-31") == ("100.0000", "100.0000")
    assert open_of(db, invoice, "2026-06-01") is None


def test_without_an_account_for_the_gain_nothing_is_matched(db: psycopg.Connection) -> None:
    db.execute("DELETE FROM ledger.account_roles WHERE role = 'exchange_gain'")
    invoice, payment = item(db, "100", rate="1"), item(db, "-100", rate="2")
    throws(db, "ZL024", MATCH, pair(invoice, payment))
    assert value(db, "SELECT count(*) FROM ledger.matches") == 0


def test_the_gain_is_booked_on_a_control_account_too(db: psycopg.Connection) -> None:
    invoice, payment = item(db, "100", rate="1"), item(db, "-100", rate="2")
    settle(db)
    db.execute("UPDATE ledger.accounts SET control_module = 'billing' WHERE code = '1200'")
    match(db, invoice, payment)
    assert balance(db, "1200") == "0.0000"
    settle(db)
    db.execute("SELECT set_config('pgerp.token', identity.issue_token(%s), false)", [tenant(db)])
    throws(
        db,
        "ZL021",
        """SELECT ledger.create_journal_entry('MAIN', '2026-03-04', 'x',
            '[{"account": "1200", "debit": "1"}, {"account": "4100", "credit": "1"}]',
            p_source_module => 'ledger')""",
    )


def tenant(db: psycopg.Connection) -> int:
    return int(value(db, "SELECT identity.current_tenant()"))


def test_a_match_written_past_the_function_is_judged_too(db: psycopg.Connection) -> None:
    invoice, payment = item(db, "100", rate="1"), item(db, "-50", rate="1")
    insert = """INSERT INTO ledger.matches (
        tenant_id, debit_entry_id, debit_line_no, credit_entry_id, credit_line_no, amount,
        debit_value, credit_value, debit_match_no, matched_on
    ) VALUES (identity.current_tenant(), %s, %s, %s, %s, %s, 1, 1, 7, %s)"""
    throws(db, "ZL054", insert, pair(invoice, payment, "51"))
    throws(db, "ZL052", insert, pair(payment, invoice))
    throws(db, "ZL058", insert, pair(invoice, payment, on="2026-01-01"))
    db.execute(insert, pair(invoice, payment, "50", "2026-04-01"))
    results_eq(
        db,
        "SELECT debit_value::text, debit_match_no, currency_code FROM ledger.matches",
        [("50.0000", 1, "EUR")],
    )


def test_businesses_and_tenants_are_kept_apart(db: psycopg.Connection, books: Books) -> None:
    invoice, payment = item(db, "100", rate="1"), item(db, "-50", rate="1")
    token = "SELECT set_config('pgerp.token', identity.issue_token(%s, 'bob', %s), false)"
    db.execute(token, [books.tenant_id, [books.business_id + 1]])
    throws(db, "ZL026", MATCH, pair(invoice, payment))
    db.execute(token, [books.tenant_id, None])
    one = match(db, invoice, payment)
    db.execute(token, [books.tenant_id, [books.business_id + 1]])
    throws(db, "ZL056", UNMATCH, [one, "x"])
    with as_role(db, "pgerp_app"):
        assert value(db, "SELECT count(*) FROM ledger.matches") == 0


def test_entries_without_items_reverse_as_ever(db: psycopg.Connection) -> None:
    entry_id = post(db, ("4100", "-5"), ("5100", "5"))
    value(db, "SELECT ledger.reverse_journal_entry(%s, 'x')", [entry_id])
    assert value(db, "SELECT count(*) FROM ledger.matches") == 0
    settle(db)
