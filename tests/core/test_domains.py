"""The domains of core: what each takes, and what it refuses with which SQLSTATE."""

from __future__ import annotations

from decimal import Decimal

import psycopg
import pytest

from tests.pgtap import throws, value

CHECK, OUT_OF_RANGE = "23514", "22003"

KEY_64 = "k" * 63
TOKEN = "gAAAAABh" + "x" * 90 + "-_"  # 100 characters: one block
HASH = "0123456789abcdef" * 4

TAKEN = [
    ("amount", "0", "0.0000"),
    ("amount", "-9999999999999999.9999", "-9999999999999999.9999"),
    ("amount", "9999999999999999.9999", "9999999999999999.9999"),
    ("amount", "1.00005", "1.0001"),
    ("exchange_rate", "0.0000000001", "0.0000000001"),
    ("exchange_rate", "9999999999", "9999999999.0000000000"),
    ("currency_code", "KES", "KES"),
    ("code", "a", "a"),
    ("code", "1110 petty cash", "1110 petty cash"),
    ("code", "Büro", "Büro"),
    ("code", "x" * 200, "x" * 200),
    ("label", "x", "x"),
    ("label", "  Water & Ice\n", "  Water & Ice\n"),
    ("label", "x" * 500, "x" * 500),
    ("note", "", ""),
    ("note", "x" * 2000, "x" * 2000),
    ("reason", "x", "x"),
    ("reason", "x" * 2000, "x" * 2000),
    ("reference", "x" * 200, "x" * 200),
    ("module_name", "a", "a"),
    ("module_name", "supply_chain.v2", "supply_chain.v2"),
    ("module_name", "x" * 63, "x" * 63),
    ("finite_date", "0001-01-01", "0001-01-01"),
    ("place", "1", "1"),
    ("moved_amount", "-0.0001", "-0.0001"),
    ("turnover", "0", "0.0000"),
    *(
        ("encrypted_value", text, text)
        for text in (f"a:{TOKEN}", f"{KEY_64}:{TOKEN}", f"2026-11_b:{TOKEN[:-2]}==")
    ),
    ("encrypted_value", f"a:{TOKEN[:-2]}{'x' * 8088}==", f"a:{TOKEN[:-2]}{'x' * 8088}=="),
    ("keyed_hash", f"a:{HASH}", f"a:{HASH}"),
    ("keyed_hash", f"{KEY_64}:{HASH}", f"{KEY_64}:{HASH}"),
    ("row_version", "1", "1"),
]
REFUSED = [
    ("amount", "NaN", CHECK),
    ("amount", "Infinity", OUT_OF_RANGE),
    ("amount", "-Infinity", OUT_OF_RANGE),
    ("amount", "10000000000000000", OUT_OF_RANGE),
    ("amount", "9999999999999999.99995", OUT_OF_RANGE),
    ("amount", "1,00", "22P02"),
    ("exchange_rate", "0", CHECK),
    ("exchange_rate", "-1", CHECK),
    ("exchange_rate", "NaN", CHECK),
    ("exchange_rate", "0.00000000001", CHECK),
    ("exchange_rate", "10000000000", OUT_OF_RANGE),
    ("exchange_rate", "Infinity", OUT_OF_RANGE),
    *(
        ("currency_code", text, CHECK)
        for text in ("", "kes", "KE", "KESX", "KE1", " KES", "KES ", "KES\n", "ÄÖÜ")
    ),
    *(("code", text, CHECK) for text in ("", " ", " a", "a ", "a\tb", "a\n", "\x7f", "x" * 201)),
    *(("code", text, CHECK) for text in ("a\u00a0", "\u3000a", "a\u2003", "a\u0085a")),
    ("note", "x" * 2001, CHECK),
    ("reason", "", CHECK),
    ("reason", "x" * 2001, CHECK),
    ("reference", "x" * 201, CHECK),
    *(("module_name", text, CHECK) for text in ("", "1x", "X", "a b", "a-b", "x" * 64)),
    ("finite_date", "infinity", CHECK),
    ("finite_date", "-infinity", CHECK),
    ("place", "0", CHECK),
    ("place", "-1", CHECK),
    *(("moved_amount", text, CHECK) for text in ("0", "0.00001", "NaN")),
    ("moved_amount", "Infinity", OUT_OF_RANGE),
    *(("turnover", text, CHECK) for text in ("-0.0001", "NaN")),
    ("turnover", "Infinity", OUT_OF_RANGE),
    *(
        ("encrypted_value", text, CHECK)
        for text in (
            "",
            "+254700000001",
            "a:+254700000001",
            TOKEN,
            f":{TOKEN}",
            f"k{KEY_64}:{TOKEN}",
            f"A:{TOKEN}",
            f"-a:{TOKEN}",
            f"a:{TOKEN}\n",
            f"a:{TOKEN} ",
            f"a:{TOKEN[:-1]}",
            f"a:{TOKEN[:96]}",
            f"a:{TOKEN[:-3]}===",
            f"a:{TOKEN[:-1]}+",
            f"a:x{TOKEN[1:]}",
            f"a:{TOKEN}{'x' * 8092}",
        )
    ),
    *(
        ("keyed_hash", text, CHECK)
        for text in (
            "",
            HASH,
            f":{HASH}",
            f"k{KEY_64}:{HASH}",
            f"A:{HASH}",
            f"a:{HASH[1:]}",
            f"a:{HASH}0",
            f"a:{HASH[1:]}A",
            f"a:{HASH}\n",
        )
    ),
    *(("row_version", text, CHECK) for text in ("0", "-1")),
    ("row_version", "2147483648", OUT_OF_RANGE),
    *(("label", text, CHECK) for text in ("", " ", " \t\n", "\u00a0\u3000", "x" * 501)),
]


@pytest.mark.parametrize(("domain", "text", "stored"), TAKEN)
def test_a_domain_takes_what_it_is_for(
    db: psycopg.Connection, domain: str, text: str, stored: str
) -> None:
    found = value(db, f"SELECT %s::core.{domain}", [text])
    assert found == Decimal(stored) if isinstance(found, Decimal) else str(found) == stored


@pytest.mark.parametrize(("domain", "text", "sqlstate"), REFUSED)
def test_a_domain_refuses_the_rest(
    db: psycopg.Connection, domain: str, text: str, sqlstate: str
) -> None:
    throws(db, sqlstate, f"SELECT %s::core.{domain}", [text])


@pytest.mark.parametrize("domain", ["amount", "exchange_rate", "currency_code", "code", "label"])
def test_a_domain_leaves_it_to_the_column_whether_null_is_taken(
    db: psycopg.Connection, domain: str
) -> None:
    assert value(db, f"SELECT NULL::core.{domain}") is None


def test_the_corpus_covers_every_domain_and_each_of_its_checks(db: psycopg.Connection) -> None:
    domains = {
        name
        for (name,) in db.execute(
            "SELECT typname FROM pg_type"
            " WHERE typtype = 'd' AND typnamespace = 'core'::regnamespace"
        )
    }
    assert {domain for domain, _, _ in TAKEN} == domains
    assert {domain for domain, _, sqlstate in REFUSED if sqlstate == CHECK} == domains
