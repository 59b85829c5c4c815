"""Rates are kept with their history; lines without a rate take the one of their date."""

from __future__ import annotations

import json

import psycopg
import pytest

from tests.ledger.books import Books, offenders
from tests.ledger.foreign import item, open_foreign_accounts, set_rate
from tests.pgtap import as_role, results_eq, throws, value

RATE = "SELECT ledger.exchange_rate(%s, %s, %s)"
LOAD = "SELECT ledger.load_exchange_rates(%s)"


def rate(db: psycopg.Connection, day: str, pair: str = "EUR/USD") -> str:
    return str(value(db, RATE, [*pair.split("/"), day]))


def test_a_rate_holds_from_its_day_until_the_next(db: psycopg.Connection, books: Books) -> None:
    set_rate(db, "2026-03-01", "1.10", source="ECB")
    set_rate(db, "2026-03-10", "1.20", source="ECB")
    days = ["2026-03-01", "2026-03-09", "2026-03-10", "2026-12-31"]
    found = [rate(db, day) for day in days]
    assert found == ["1.1000000000", "1.1000000000", "1.2000000000", "1.2000000000"]
    throws(db, "ZL050", RATE, ["EUR", "USD", "2026-02-28"])


def test_a_corrected_rate_stays_on_record_and_posted_lines_keep_theirs(
    db: psycopg.Connection, books: Books
) -> None:
    open_foreign_accounts(db)
    assert set_rate(db, "2026-03-01", "1.10", source="ECB")
    one = item(db, "100")
    assert set_rate(db, "2026-03-01", "1.20", source="manual")
    assert not set_rate(db, "2026-03-01", "1.20", source="manual")
    results_eq(
        db,
        "SELECT revision, rate::text, source FROM ledger.exchange_rates ORDER BY revision",
        [(1, "1.1000000000", "ECB"), (2, "1.2000000000", "manual")],
    )
    assert rate(db, "2026-03-04") == "1.2000000000"
    lines = "SELECT amount::text FROM ledger.journal_lines WHERE entry_id = %s AND line_no = 1"
    assert value(db, lines, [one.entry_id]) == "110.0000"


def test_a_withdrawn_rate_gives_way_to_the_one_before(db: psycopg.Connection, books: Books) -> None:
    assert not set_rate(db, "2026-03-01", None)
    set_rate(db, "2026-03-01", "1.10")
    set_rate(db, "2026-03-05", "11.0")
    assert set_rate(db, "2026-03-05", None)
    assert rate(db, "2026-03-06") == "1.1000000000"


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE ledger.exchange_rates SET rate = 2",
        "DELETE FROM ledger.exchange_rates",
    ],
)
def test_a_rate_never_changes_or_goes(db: psycopg.Connection, books: Books, attack: str) -> None:
    set_rate(db, "2026-03-01", "1.10")
    throws(db, "ZL057", attack)
    throws(db, "ZL006", "TRUNCATE ledger.exchange_rates")
    with as_role(db, "pgerp_app"):
        throws(db, "42501", attack)


def test_the_order_is_direct_then_inverse_then_through_a_third_currency(
    db: psycopg.Connection, books: Books
) -> None:
    set_rate(db, "2026-03-01", "4", "EUR/USD")
    set_rate(db, "2026-03-01", "2", "USD/GBP")
    assert rate(db, "2026-03-02", "EUR/GBP") == "8.0000000000"
    assert rate(db, "2026-03-02", "GBP/EUR") == "0.1250000000"
    set_rate(db, "2026-03-01", "0.2", "GBP/EUR")
    assert rate(db, "2026-03-02", "EUR/GBP") == "5.0000000000"
    set_rate(db, "2026-03-01", "7", "EUR/GBP")
    assert rate(db, "2026-03-02", "EUR/GBP") == "7.0000000000"
    assert rate(db, "2026-03-02", "EUR/EUR") == "1"


def test_of_several_third_currencies_the_one_with_the_newest_older_rate_is_taken(
    db: psycopg.Connection, books: Books
) -> None:
    for day, worth, pair in (
        ("2026-03-01", "2", "EUR/USD"),
        ("2026-03-09", "3", "USD/KES"),
        ("2026-03-03", "5", "EUR/GBP"),
        ("2026-03-04", "7", "KES/GBP"),
    ):
        set_rate(db, day, worth, pair)
    assert rate(db, "2026-03-10", "EUR/KES") == "0.7142857143"
    assert rate(db, "2026-03-03", "EUR/GBP") == "5.0000000000"
    throws(db, "ZL050", RATE, ["EUR", "KES", "2026-03-02"])


def test_rates_are_found_without_reading_the_history(db: psycopg.Connection, books: Books) -> None:
    db.execute(
        """INSERT INTO ledger.exchange_rates
            (tenant_id, currency_code, to_currency_code, rate_type, valid_on, revision, rate,
            source)
        SELECT %s, 'EUR', c.code, 'spot', '2020-01-01'::date + n, 1, 1.1, 'ECB'
        FROM unnest('{USD,GBP,KES,JPY}'::text[]) AS c (code), generate_series(0, 1999) AS n""",
        [books.tenant_id],
    )
    db.execute("ANALYZE ledger.exchange_rates")
    scans = """SELECT seq_scan FROM pg_stat_xact_user_tables
        WHERE relid = 'ledger.exchange_rates'::regclass"""
    before = value(db, scans)
    for pair in ("EUR/USD", "USD/EUR", "GBP/KES"):
        rate(db, "2026-03-04", pair)
    throws(db, "ZL050", RATE, ["CHF", "KES", "2026-03-04"])
    assert value(db, scans) == before


def test_types_of_rates_do_not_mix(db: psycopg.Connection, books: Books) -> None:
    set_rate(db, "2026-03-01", "1.10", rate_type="average")
    throws(db, "ZL050", RATE, ["EUR", "USD", "2026-03-02"])
    found = value(db, "SELECT ledger.exchange_rate('EUR', 'USD', '2026-03-02', 'average')")
    assert str(found) == "1.1000000000"


def test_rates_belong_to_their_tenant(db: psycopg.Connection, books: Books) -> None:
    set_rate(db, "2026-03-01", "1.10")
    other = value(db, "SELECT identity.create_tenant('Other')")
    db.execute("SELECT set_config('pgerp.token', identity.issue_token(%s), false)", [other])
    with as_role(db, "pgerp_readonly"):
        throws(db, "ZL050", RATE, ["EUR", "USD", "2026-03-02"])
        db.execute("SELECT set_config('pgerp.token', '', false)")
        throws(db, "ZI001", RATE, ["EUR", "USD", "2026-03-02"])


def test_many_rates_are_loaded_at_once_and_again_without_effect(
    db: psycopg.Connection, books: Books
) -> None:
    rates = [
        {"currency": "EUR", "to_currency": "USD", "valid_on": f"2026-03-{day:02}", "rate": 1.1}
        for day in range(1, 31)
    ]
    assert value(db, LOAD, [json.dumps(rates)]) == 30
    rates[0]["rate"] = "1.2"
    rates.append(rates[0] | {"to_currency": "KES", "source": "CBK"})
    assert value(db, LOAD, [json.dumps(rates)]) == 2
    assert value(db, LOAD, [json.dumps(rates)]) == 0


GOOD = {"currency": "EUR", "to_currency": "USD", "valid_on": "2026-03-01", "rate": "1.1"}


@pytest.mark.parametrize(
    ("change", "sqlstate"),
    [
        ({"currency": "XXQ"}, "ZL014"),
        ({"to_currency": None}, "ZL014"),
        ({"to_currency": "EUR"}, "ZL051"),
        ({"valid_on": "2026-02-30"}, "ZL051"),
        ({"valid_on": "infinity"}, "ZL051"),
        ({"rate": "0"}, "ZL051"),
        ({"rate": -1}, "ZL051"),
        ({"rate": "NaN"}, "ZL051"),
        ({"rate": "1.12345678901"}, "ZL051"),
        ({"rate": "12345678901"}, "ZL051"),
        ({"source": " "}, "ZL051"),
        ({"rate_type": "Spot"}, "ZL051"),
        ({"rat": "1"}, "ZL015"),
    ],
)
def test_a_malformed_rate_is_refused_and_none_is_kept(
    db: psycopg.Connection, books: Books, change: dict[str, str], sqlstate: str
) -> None:
    throws(db, sqlstate, LOAD, [json.dumps([GOOD | {"valid_on": "2026-01-01"}, GOOD | change])])
    assert value(db, "SELECT count(*) FROM ledger.exchange_rates") == 0


def test_rates_of_another_shape_or_given_twice_are_refused(
    db: psycopg.Connection, books: Books
) -> None:
    throws(db, "ZL015", LOAD, ["{}"])
    throws(db, "ZL015", LOAD, ["[1]"])
    throws(db, "ZL015", LOAD, [json.dumps([{k: v for k, v in GOOD.items() if k != "rate"}])])
    throws(db, "ZL051", LOAD, [json.dumps([GOOD, GOOD | {"rate": "2"}])])


def test_a_line_without_a_rate_takes_the_one_of_its_date(
    db: psycopg.Connection, books: Books
) -> None:
    open_foreign_accounts(db)
    set_rate(db, "2026-03-01", "1.10")
    set_rate(db, "2026-03-05", "1.20")
    for date in ("2026-03-04", "2026-03-05"):
        item(db, "100", date=date)
    item(db, "100", rate="1.30")
    batch = [
        {
            "business": "MAIN",
            "date": date,
            "description": "x",
            "lines": [
                {"account": "1200", "debit": "1", "currency": "EUR"},
                {"account": "4100", "credit": "1", "currency": "EUR"},
            ],
        }
        for date in ("2026-03-01", "2026-03-06", "2026-02-01")
    ]
    results_eq(
        db,
        "SELECT ordinal, sqlstate FROM ledger.create_journal_entries(%s, 'skip_bad')",
        [(1, None), (2, None), (3, "ZL014")],
        [json.dumps(batch)],
    )
    results_eq(
        db,
        """SELECT amount::text, exchange_rate::text FROM ledger.journal_lines
        WHERE line_no = 1 ORDER BY amount, entry_date""",
        [
            ("1.1000", "1.1000000000"),
            ("1.2000", "1.2000000000"),
            ("110.0000", "1.1000000000"),
            ("120.0000", "1.2000000000"),
            ("130.0000", "1.3000000000"),
        ],
    )
    assert offenders(db) == {}


@pytest.mark.parametrize(
    ("currency", "amount", "sqlstate"),
    [
        ("JPY", "0.5", "ZL011"),
        ("JPY", "5.0", None),
        ("EUR", "0.005", "ZL011"),
        ("KWD", "0.005", None),
        ("KWD", "0.0055", "ZL011"),
        ("XAU", "0.0055", None),
    ],
)
def test_no_amount_is_finer_than_the_minor_unit_of_its_currency(
    db: psycopg.Connection, books: Books, currency: str, amount: str, sqlstate: str | None
) -> None:
    lines = json.dumps(
        [
            {"account": "1110", "debit": amount, "currency": currency, "rate": "100"},
            {"account": "4100", "credit": amount, "currency": currency, "rate": "100"},
        ]
    )
    call = "SELECT ledger.create_journal_entry('MAIN', '2026-03-04', 'x', %s)"
    if sqlstate:
        throws(db, sqlstate, call, [lines])
    else:
        value(db, call, [lines])


def test_no_amount_written_past_the_functions_is_finer_either(
    db: psycopg.Connection, books: Books
) -> None:
    entry_id = item(db, "5", currency="JPY", rate="2", account="1110", status="DRAFT").entry_id
    db.execute(
        "UPDATE ledger.journal_lines SET currency_amount = 5.5 * sign(amount) WHERE entry_id = %s",
        [entry_id],
    )
    throws(
        db,
        "ZL011",
        "UPDATE ledger.journal_entries SET status = 'POSTED' WHERE id = %s",
        [entry_id],
        deferred=True,
    )
