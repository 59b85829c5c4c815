"""What each event of lending comes to in the books, line by line, by the rules that pgerp ships."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from tests.ledger.books import Books, post
from tests.lending.books import CONTROLLED, ROLES, entry, open_accounts, say
from tests.pgtap import as_role, results_eq, throws, value

PARTS = {"principal": "100", "interest": "20", "fees": "3", "penalties": "0.4", "advance": "6"}
"""Five parts, each known by its digit; their sum is 129.4."""

RECEIVABLE = {
    "principal": "loans_receivable",
    "interest": "loan_interest_receivable",
    "fees": "loan_fees_receivable",
    "penalties": "loan_penalties_receivable",
    "advance": "loan_advances",
}

Lines = list[tuple[str, str]]


def credited(*kinds: str) -> Lines:
    """Credits of the accounts of these kinds, by their parts."""
    return [(RECEIVABLE[kind], f"-{PARTS[kind]}") for kind in kinds]


def turned(lines: Lines) -> Lines:
    """The same on the other side."""
    return [(role, amount[1:] if amount[0] == "-" else f"-{amount}") for role, amount in lines]


def parts(*kinds: str, prefix: str = "") -> dict[str, float]:
    """Amounts of these kinds."""
    return {prefix + kind: float(PARTS[kind]) for kind in kinds}


ALL = tuple(PARTS)
METHODS = [
    ("cash", "loan_cash"),
    ("mpesa", "loan_mobile_money"),
    ("bank", "loan_bank"),
    ("cheque", "loan_bank"),
    ("Cash", "loan_bank"),
    ("opening", "loan_opening_balance"),
]
"""How money goes, and the account that takes it."""

CHARGES = {
    "interest_charged": 20, "interest_cancelled": 2, "fees_charged": 3, "fees_cancelled": 0.3,
    "penalties_charged": 0.4, "penalties_cancelled": 0.04,
}  # fmt: skip
CHARGE_LINES = [
    ("loan_interest_receivable", "20"), ("loan_interest_income", "-20"),
    ("loan_interest_income", "2"), ("loan_interest_receivable", "-2"),
    ("loan_fees_receivable", "3"), ("loan_fee_income", "-3"),
    ("loan_fee_income", "0.3"), ("loan_fees_receivable", "-0.3"),
    ("loan_penalties_receivable", "0.4"), ("loan_penalty_income", "-0.4"),
    ("loan_penalty_income", "0.04"), ("loan_penalties_receivable", "-0.04"),
]  # fmt: skip
ALLOWANCE_LINES = [
    ("loan_loss_expense", "7"), ("loan_loss_allowance", "-7"),
    ("loan_loss_allowance", "2"), ("loan_loss_expense", "-2"),
]  # fmt: skip
WAIVED = [("loan_waivers", "23.4"), *credited("interest", "fees", "penalties")]
GIVEN_UP = [
    ("loan_loss_expense", "123.4"),
    *credited("principal", "interest", "fees", "penalties"),
]


@pytest.fixture(autouse=True)
def accounts(db: psycopg.Connection, books: Books) -> None:
    """Accounts with their roles, and the reference rules."""
    open_accounts(db)


def test_there_is_a_rule_for_every_event_of_lending(db: psycopg.Connection) -> None:
    results_eq(
        db,
        """SELECT count(*), count(s.handler), count(r.id), count(r.id) FILTER (WHERE r.is_active)
        FROM events.event_types AS t
        LEFT JOIN events.subscriptions AS s
            ON s.event_type = t.code AND s.handler = 'ledger.post_event'
        LEFT JOIN ledger.posting_rules AS r
            ON r.event_type = t.code AND r.tenant_id = identity.current_tenant()
        WHERE starts_with(t.code, 'lending.')""",
        [(17, 17, 17, 17)],
    )


@pytest.mark.parametrize(("method", "account"), METHODS)
@pytest.mark.parametrize("is_undone", [False, True])
def test_money_goes_by_the_account_of_its_method(
    db: psycopg.Connection, books: Books, method: str, account: str, is_undone: bool
) -> None:
    def comes_to(done: str, undone: str, payload: dict[str, Any], lines: Lines) -> None:
        event = say(db, books, undone if is_undone else done, method=method, **payload)
        assert entry(db, event) == (turned(lines) if is_undone else lines)

    comes_to(
        "loan_disbursed",
        "disbursement_reversed",
        {"amount": 1000, "paid_out": 985, "fees_withheld": 15},
        [
            *[("loans_receivable", "15"), ("loan_fee_income", "-15")],
            *[(account, "-985"), ("loans_receivable", "985")],
        ],
    )
    comes_to(
        "payment_received",
        "payment_reversed",
        {"amount": 129.4, **parts(*ALL)},
        [(account, "129.4"), *credited(*ALL)],
    )
    comes_to(
        "loan_recovered",
        "recovery_reversed",
        {"amount": 5},
        [(account, "5"), ("loan_recovery_income", "-5")],
    )
    comes_to(
        "overpayment_refunded",
        "refund_reversed",
        {"amount": 6},
        [(account, "-6"), ("loan_advances", "6")],
    )


@pytest.mark.parametrize(
    ("event_type", "payload", "lines"),
    [
        ("loan_charged", CHARGES, CHARGE_LINES),
        ("product_charged", CHARGES, CHARGE_LINES),
        ("balances_waived", {"amount": 23.4, **parts("interest", "fees", "penalties")}, WAIVED),
        (
            "waiver_reversed",
            {"amount": 23.4, **parts("interest", "fees", "penalties")},
            turned(WAIVED),
        ),
        ("loan_written_off", {"amount": 123.4, **parts(*ALL[:4])}, GIVEN_UP),
        ("write_off_reversed", {"amount": 123.4, **parts(*ALL[:4])}, turned(GIVEN_UP)),
        ("allowance_changed", {"raised": 7, "released": 2}, ALLOWANCE_LINES),
        ("product_allowance_changed", {"raised": 7, "released": 2}, ALLOWANCE_LINES),
    ],
)
def test_what_moves_no_money(
    db: psycopg.Connection, books: Books, event_type: str, payload: dict[str, Any], lines: Lines
) -> None:
    assert entry(db, say(db, books, event_type, **payload)) == lines


@pytest.mark.parametrize("kind", ALL)
def test_money_that_goes_to_something_else_leaves_the_clearing_account_empty(
    db: psycopg.Connection, books: Books, kind: str
) -> None:
    total = float(PARTS[kind])
    others = [other for other in ALL if other != kind]
    each = total / 4
    event = say(
        db,
        books,
        "payment_reallocated",
        amount=total,
        moved=total,
        **parts(kind, prefix="from_"),
        **{f"to_{other}": each for other in others},
    )
    assert entry(db, event) == [
        (RECEIVABLE[kind], PARTS[kind]),
        ("loan_payment_clearing", f"-{PARTS[kind]}"),
        ("loan_payment_clearing", PARTS[kind]),
        *[(RECEIVABLE[other], f"-{each:g}") for other in others],
    ]


def test_an_entry_says_which_loan_and_income_which_branch(
    db: psycopg.Connection, books: Books
) -> None:
    event = say(
        db, books, "loan_disbursed", method="cash", amount=10, paid_out=9, fees_withheld=1,
        branch_code="NORTH", on="2026-02-03",
    )  # fmt: skip
    results_eq(
        db,
        """SELECT e.entry_date::text, e.description, e.reference, e.source_module,
            e.source_id = t.payload ->> 'loan_id'
        FROM ledger.posted_events AS p
        INNER JOIN ledger.journal_entries AS e ON e.id = p.entry_id
        INNER JOIN events.event_store AS t ON t.id = p.event_id
        WHERE p.event_id = %s""",
        [("2026-02-03", "Loan L-1 disbursed", "L-1", "lending", True)],
        [event],
    )
    results_eq(
        db,
        """SELECT l.department_code FROM ledger.posted_events AS p
        INNER JOIN ledger.journal_lines AS l ON l.entry_id = p.entry_id
        WHERE p.event_id = %s ORDER BY l.line_no""",
        [(None,), ("NORTH",), (None,), (None,)],
        [event],
    )


@pytest.mark.parametrize(
    ("event_type", "payload"),
    [
        ("payment_received", {"method": "cash", "amount": 2, "principal": 1}),
        ("payment_received", {"method": "cash", "amount": -1, "principal": -1}),
        ("payment_received", {"method": "", "amount": 0}),
        ("payment_reallocated", {"amount": 1, "from_interest": 1, "moved": 2, "to_principal": 1}),
        ("loan_charged", {"loan_id": None}),
        ("product_charged", {"loan_no": "L-1"}),
        ("loan_disbursed", {"method": "cash", "amount": 1, "paid_out": 1, "to": "Mary"}),
    ],
)
def test_what_contradicts_itself_is_refused(
    db: psycopg.Connection, books: Books, event_type: str, payload: dict[str, Any]
) -> None:
    with pytest.raises(psycopg.Error) as refused, db.transaction():
        say(db, books, event_type, **payload)
    assert refused.value.sqlstate == "ZE002"


def test_another_currency_than_that_of_the_business_is_refused(
    db: psycopg.Connection, books: Books
) -> None:
    with pytest.raises(psycopg.Error) as refused, db.transaction():
        say(db, books, "loan_charged", interest_charged=1, currency_code="KES")
    assert refused.value.sqlstate == "ZL014"


@pytest.mark.parametrize("role", CONTROLLED)
def test_nobody_posts_by_hand_to_what_lending_keeps(
    db: psycopg.Connection, books: Books, role: str
) -> None:
    lines = ((ROLES[role][0], "5"), ("1110", "-5"))
    with as_role(db, "pgerp_app"):
        db.execute(
            "SELECT set_config('pgerp.token', %s, false)",
            [books.token],
        )
        with pytest.raises(psycopg.Error) as refused, db.transaction():
            post(db, *lines)
        assert refused.value.sqlstate == "ZL021"
        # Nor as lending itself, without the permission to say so.
        throws(
            db,
            "ZL021",
            """SELECT ledger.create_journal_entry('MAIN', '2026-03-04', 'By hand', %s,
                p_source_module => 'lending')""",
            [f'[{{"account": "{lines[0][0]}", "debit": 5}}, {{"account": "1110", "credit": 5}}]'],
        )
    assert value(db, "SELECT count(*) FROM ledger.journal_lines") == 0
