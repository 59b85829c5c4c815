"""What no product may be, new or changed."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from tests.ledger.books import Books
from tests.lending.products import SAVE, SEASON, refused, save_product
from tests.pgtap import results_eq, throws

MALFORMED: list[tuple[str, dict[str, Any]]] = [
    ("22023", {"nmae": "Season"}),
    ("22023", {"fees": {}}),
    ("22023", {"fees": [{"cod": "x"}]}),
    ("22023", {"fees": ["file"]}),
    ("22P02", {"method": "annuity"}),
    ("22P02", {"min_instalments": "many"}),
    ("22P02", {"allocation_order": ["tax"]}),
    ("22003", {"max_instalments": 100000}),
    ("22007", {"effective_from": "soon"}),
    ("23502", {"name": None}),
    ("23502", {"max_principal": None}),
    ("23502", {"effective_from": None}),
    ("23505", {"fees": [SEASON["fees"][0], SEASON["fees"][0]]}),
    ("ZO004", {"fees": [SEASON["fees"][1] | {"amount": "0.001"}]}),
    *[
        ("23514", change)
        for change in (
            {"name": " "},
            {"currency_code": "dollar"},
            {"min_principal": 0},
            {"min_principal": "NaN"},
            {"max_principal": "Infinity"},
            {"max_principal": 99},
            {"min_principal": "100.001"},
            {"max_principal": "1000.00001"},
            {"min_instalments": 0},
            {"min_instalments": 13},
            {"max_instalments": 1201},
            {"grace_principal": 3},
            {"grace_principal": -1},
            {"grace_interest": 3},
            {"grace_interest": -1},
            {"interest_free": 3},
            {"interest_free": -1},
            {"every": 0},
            {"every": 1001},
            {"round_to": 0},
            {"round_to": "0.005"},
            # Of 100 in 12 instalments, 8.33 would be rounded to nothing.
            {"round_to": 17},
            {"min_rate_percent": 19},
            {"max_rate_percent": 17},
            {"max_rate_percent": 10001},
            {"min_rate_percent": -1},
            {"default_rate_percent": "NaN"},
            {"penalty_rate_percent": -1},
            {"penalty_grace_days": -1},
            {"penalty_cap_percent": -1},
            {"allocation_order": ["fee", "interest", "principal"]},
            {"allocation_order": ["fee", "fee", "interest", "principal"]},
            {"allocation_order": [["penalty", "fee"], ["interest", "principal"]]},
            {"effective_to": "2025-12-31"},
            {"effective_to": "infinity"},
            {"fees": [SEASON["fees"][0] | {"amount": 101}]},
            {"fees": [SEASON["fees"][0] | {"amount": 0}]},
        )
    ],
]


@pytest.mark.parametrize(("sqlstate", "changes"), MALFORMED, ids=str)
def test_a_malformed_product_is_refused_whole(
    db: psycopg.Connection, books: Books, sqlstate: str, changes: dict[str, Any]
) -> None:
    save_product(db)
    refused(db, sqlstate, **changes)
    refused(db, sqlstate, code="new", **changes)
    results_eq(
        db,
        "SELECT p.code, p.version, (SELECT count(*) FROM lending.product_fees)"
        " FROM lending.products AS p",
        [("season", 1, 2)],
    )


def test_a_currency_has_at_most_four_decimals(db: psycopg.Connection, books: Books) -> None:
    refused(db, "23514", minor_units=5)


@pytest.mark.parametrize("product", ["null", "[]", '"season"'])
def test_a_product_is_an_object(db: psycopg.Connection, books: Books, product: str) -> None:
    throws(db, "22023", SAVE, ["MAIN", "season", product, None])
