"""A person in the books, by all values that tell of them, and a search of a whole database."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import psycopg

from tests.ledger.books import Books, post
from tests.party.customers import add, create, sealed, update
from tests.pgtap import value
from tests.years import THIS_YEAR

PHONE = sealed("phone", "+254733987654")
OFFICE = sealed("phone", "+254733111222")
DOCUMENT = sealed("number", "A1234567X")
OLD_DOCUMENT = sealed("number", "31415926")
VALUES = (
    *("Zawadi", "Nyakwama", "Mwikali", "nyakwama", "mwikali", "zawadi"),
    *("zawadi.n@example.org", "zawadi@old.example", "duka@nyakwama.example"),
    *(token for pair in (PHONE, OFFICE, DOCUMENT, OLD_DOCUMENT) for token in pair.values()),
    *("+254733987654", "A1234567X", "31415926", "1987-06-05"),
    *("Kijabe Lane 9", "Kinoo", "KINOO 00605", "Flat 4c", "Plot 77", "Ruiru"),
    *("Baraka", "the daughter's shop"),
)
"""What no table may have afterwards: also of what was changed or removed before."""
HIDDEN = {"+254733987654", "A1234567X", "31415926", "mwikali", *OLD_DOCUMENT.values()}
"""Those that are nowhere before either: plain numbers, and what went with a row and is masked."""

LOG = f"audit.log_{THIS_YEAR}"
"""The partition that the log of what is done now is in."""


@dataclass
class Person:
    """A customer.

    Attributes:
        id: Of the row.
        number: customer_no.
        parts: Ids of the parts that are there, by kind.
    """

    id: Any
    number: str
    parts: dict[str, Any] = field(default_factory=dict)


def make_person(conn: psycopg.Connection) -> Person:
    """Make a customer whose data changed, partly went, and is in the books."""
    customer = create(
        conn,
        given_name="Zawadi",
        family_name="Mwikali",
        email="zawadi@old.example",
        birth_date="1987-06-05",
        locale="sw-KE",
        **PHONE,
    )
    number = value(conn, "SELECT customer_no FROM party.customers WHERE id = %s", [customer])
    person = Person(customer, number)
    update(
        conn,
        customer,
        1,
        family_name="Nyakwama",
        display_name="Zawadi Nyakwama",
        email="zawadi.n@example.org",
    )
    gone = {
        "address": {"line_1": "Plot 77", "city": "Ruiru", "country_code": "KE"},
        "identity_document": {
            "document_type": "national_id",
            "issuing_country": "KE",
            **OLD_DOCUMENT,
        },
        "contact": {"channel": "email", "email": "duka@nyakwama.example"},
    }
    for part, row in gone.items():
        conn.execute(f"SELECT party.remove_{part}(%s)", [add(conn, part, customer, **row)])  # type: ignore[arg-type]
    there = {
        "address": {
            "line_1": "Kijabe Lane 9",
            "line_2": "Flat 4c",
            "city": "Kinoo",
            "postal_code": "KINOO 00605",
            "country_code": "KE",
        },
        "identity_document": {
            "document_type": "passport",
            "issuing_country": "TZ",
            "valid_until": "2031-01-31",
            **DOCUMENT,
        },
        "contact": {
            "channel": "person",
            "contact_name": "Baraka",
            "label": "the daughter's shop",
            **OFFICE,
        },
    }
    for part, row in there.items():
        person.parts[part] = add(conn, part, customer, **row)
    conn.execute("SELECT party.record_consent(%s, 'sms_marketing', 'paper_form')", [customer])
    post(conn, ("1110", "100"), ("4100", "-100"))
    conn.execute(
        "SELECT ledger.create_journal_entry('MAIN', '2026-03-05', 'Sale on credit', %s)",
        [
            json.dumps(
                [
                    {"account": "1120", "debit": "250", "counterparty": number},
                    {"account": "4100", "credit": "250"},
                ]
            )
        ],
    )
    return person


def sightings(conn: psycopg.Connection) -> dict[str, set[str]]:
    """Return where any of VALUES stands, in any row of any table of the database, the catalog's
    statistics included: by table, what was found. As a superuser, after ANALYZE."""
    conn.execute("ANALYZE")
    tables = [
        name
        for (name,) in conn.execute(
            "SELECT c.oid::regclass::text FROM pg_class AS c"
            " WHERE c.relkind IN ('r', 'm') AND c.relpersistence = 'p' ORDER BY 1"
        )
    ]
    assert {"pg_statistic", LOG, "party.customers"} <= set(tables)
    seen = {}
    for table in tables:
        # As text a row has its bytea in hexadecimal.
        query = f"""SELECT DISTINCT v.item FROM {table} AS t
            CROSS JOIN unnest(%(items)s::text[]) AS v (item)
            WHERE strpos(t::text, v.item) > 0
                OR strpos(t::text, encode(convert_to(v.item, 'UTF8'), 'hex')) > 0"""
        if rows := conn.execute(query, {"items": list(VALUES)}).fetchall():  # type: ignore[arg-type]
            seen[table] = {item for (item,) in rows}
    return seen


STATEMENTS = (
    "SELECT * FROM ledger.trial_balance()",
    "SELECT * FROM ledger.trial_balance('MAIN', '2026-12-31')",
    "SELECT * FROM ledger.income_statement('MAIN', '2026-01-01', '2026-12-31')",
    "SELECT * FROM ledger.balance_sheet('MAIN', '2026-12-31')",
    "SELECT * FROM ledger.general_ledger('MAIN', '1120', '2026-01-01', '2026-12-31')",
    "SELECT * FROM ledger.journal_entries ORDER BY id",
    "SELECT * FROM ledger.journal_lines ORDER BY entry_id, line_no",
    "SELECT * FROM ledger.account_balances ORDER BY account_id, period_id, stripe",
    "SELECT * FROM ledger.seals ORDER BY 1, 2",
)


def statements(conn: psycopg.Connection) -> list[Any]:
    """Return everything that the books say."""
    return [conn.execute(statement).fetchall() for statement in STATEMENTS]  # type: ignore[arg-type]


ANONYMISE = "SELECT party.anonymise(%s, 'Request 17')"


def let_all(conn: psycopg.Connection, books: Books, subject: str = "officer") -> None:
    """Hold a token with every permission."""
    conn.execute(
        "SELECT set_config('pgerp.token',"
        " identity.issue_token(%s, %s, NULL, '1 day', '{*}'), false)",
        [books.tenant_id, subject],
    )
