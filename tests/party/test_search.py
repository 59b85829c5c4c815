"""Customers are found by parts of their names, whatever the case, accents and order."""

from __future__ import annotations

import psycopg
import pytest

from tests.ledger.books import Books, offenders
from tests.party.customers import DOCUMENT, PHONE, add, create, found, update
from tests.pgtap import as_role, results_eq, throws, value


@pytest.fixture
def names(db: psycopg.Connection, books: Books) -> None:
    """Some customers."""
    create(db, given_name="Mary", family_name="Wanjiku", email="mw@example.com")
    create(db, given_name="Marya", family_name="Otieno Wanjala")
    create(db, given_name="José", family_name="N’Golo-Kanté", customer_no="X-77/b")
    create(db, organisation_name="ACME (Kenya) Ltd.")
    create(db, given_name="Łukasz", family_name="Groß")


@pytest.mark.usefixtures("names")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mary", ["Mary Wanjiku", "Marya Otieno Wanjala"]),
        ("MARY", ["Mary Wanjiku", "Marya Otieno Wanjala"]),
        ("wanj", ["Marya Otieno Wanjala", "Mary Wanjiku"]),
        ("wanji", ["Mary Wanjiku"]),
        ("wanj ma", ["Marya Otieno Wanjala", "Mary Wanjiku"]),
        ("ma wanji", ["Mary Wanjiku"]),
        ("otieno marya", ["Marya Otieno Wanjala"]),
        ("otieno mary wanjala x", []),
        ("jose", ["José N’Golo-Kanté"]),
        ("JOSÉ", ["José N’Golo-Kanté"]),
        ("Jose\u0301", ["José N’Golo-Kanté"]),
        ("ngolo", ["José N’Golo-Kanté"]),
        ("n'golo kante", ["José N’Golo-Kanté"]),
        ("acme", ["ACME (Kenya) Ltd."]),
        ("kenya ltd", ["ACME (Kenya) Ltd."]),
        ("lukasz", ["Łukasz Groß"]),
        ("C000001", ["Mary Wanjiku"]),
        ("c00000", ["Mary Wanjiku", "Marya Otieno Wanjala", "ACME (Kenya) Ltd.", "Łukasz Groß"]),
        ("x-77/B", ["José N’Golo-Kanté"]),
        ("mw@example", ["Mary Wanjiku"]),
        ("anjiku", []),
        ("%", []),
        ("_", []),
        ("mary%", ["Mary Wanjiku", "Marya Otieno Wanjala"]),
        ("", []),
        (" - ", []),
        (None, []),
    ],
)
def test_each_word_that_is_typed_begins_a_word_of_the_name(
    db: psycopg.Connection, text: str | None, expected: list[str]
) -> None:
    with as_role(db, "pgerp_app"):
        assert found(db, text) == expected


@pytest.mark.usefixtures("names")
def test_at_most_so_many_are_found(db: psycopg.Connection) -> None:
    assert found(db, "m", 1) == ["Mary Wanjiku"]
    for limit in (0, 201, None):
        throws(db, "22023", "SELECT party.find_customers('m', %s)", [limit])


def test_a_customer_whose_name_has_the_words_twice_is_found_once(
    db: psycopg.Connection, books: Books
) -> None:
    create(db, display_name="Mary Mary-Ann", given_name="Mary", email="mary@mary.example")
    create(db, display_name=" ".join(f"mar{letter}" for letter in "abcdefghijklmn"))
    for n in range(3):
        create(db, display_name=f"Mary {n}")
    assert sorted(found(db, "mar", 5)) == [
        "Mary 0",
        "Mary 1",
        "Mary 2",
        "Mary Mary-Ann",
        "mara marb marc mard mare marf marg marh mari marj mark marl marm marn",
    ]


def test_what_is_found_follows_the_names(db: psycopg.Connection, mary: str) -> None:
    update(db, mary, 1, family_name="Kamau", display_name="Mary Kamau", email="mk@example.com")
    assert found(db, "wanjiku") == []
    assert found(db, "kamau") == found(db, "mk@") == ["Mary Kamau"]
    update(db, mary, 2, status="inactive")
    assert found(db, "kamau mary") == ["Mary Kamau"]
    db.execute("UPDATE party.customers SET family_name = 'Njeri', display_name = 'Mary Njeri'")
    assert (found(db, "kamau"), found(db, "njeri")) == ([], ["Mary Njeri"])
    assert offenders(db) == {}


def test_a_name_of_any_length_is_found(db: psycopg.Connection, books: Books) -> None:
    long = "Ω" * 499
    create(db, display_name=long)
    assert found(db, "Ω" * 199) == [long]


def test_a_client_s_search_reads_the_range_of_an_index(
    db: psycopg.Connection, books: Books
) -> None:
    """Under row security only what does not leak is compared by an index: no LIKE, no operators
    of full text or trigrams."""
    # Of a table without rows any plan costs as much as another.
    db.execute("SET LOCAL enable_seqscan = off")
    db.execute("SET LOCAL enable_sort = off")
    with as_role(db, "pgerp_app"):
        plan = "\n".join(
            line
            for (line,) in db.execute(
                "EXPLAIN SELECT customer_id FROM party.customer_terms AS t"
                " WHERE t.term >= 'mary' AND t.term < 'mary' || chr(1114111)"
                " AND ' ' || t.term LIKE ALL ('{% wan%}') ORDER BY t.term LIMIT 240"
            )
        )
    condition = plan.split("Index Cond: ")[1].splitlines()[0]
    assert "Index Only Scan using customer_terms_pkey" in plan
    assert "term >= 'mary'" in condition and "term < " in condition and "tenant_id = " in condition


HASHED = (
    ("customers", "phone_hash"),
    ("customer_contacts", "phone_hash"),
    ("identity_documents", "number_hash"),
)


def fill(db: psycopg.Connection, count: int) -> None:
    """Make so many customers more, each with a contact and a document, with hashes of their own."""
    # No trigger has anything to do for these.
    db.execute("SET LOCAL session_replication_role = replica")
    for table, column in HASHED:
        db.execute(
            f"INSERT INTO party.{table} SELECT (jsonb_populate_record(t, jsonb_build_object("
            f"'id', md5('{table}' || n)::uuid, 'customer_id', md5('customers' || n)::uuid,"
            " 'is_primary', false, 'customer_no', 'X' || n,"
            f" '{column}', 'k1:' || encode(sha256(n::text::bytea), 'hex')))).*"
            f" FROM party.{table} AS t, generate_series(1, {count}) AS n"
        )
        db.execute(f"ANALYZE party.{table}")
    db.execute("SET LOCAL session_replication_role = origin")


def test_phones_and_documents_are_found_by_an_index_too(db: psycopg.Connection, mary: str) -> None:
    add(db, "contact", mary, channel="phone", **PHONE)
    # Of an empty table any index will do.
    fill(db, 500)
    db.execute("SET LOCAL enable_seqscan = off")
    with as_role(db, "pgerp_app"):
        for table, column in HASHED:
            query = f"EXPLAIN SELECT 1 FROM party.{table} WHERE {column} = ANY ('{{k1:a,k2:b}}')"
            plan = "\n".join(line for (line,) in db.execute(query))
            condition = plan.split("Index Cond: ")[1].splitlines()[0]
            assert column in condition and "= ANY" in condition and "tenant_id" in condition, plan


def test_a_search_by_hash_reads_what_it_finds_whatever_the_planner_expects(
    db: psycopg.Connection, mary: str
) -> None:
    """Hashes are not sampled, so it expects thousands of rows."""
    add(db, "contact", mary, channel="phone", **PHONE)
    fill(db, 40_000)
    read = """SELECT sum(seq_tup_read + idx_tup_fetch) FROM pg_stat_xact_user_tables
        WHERE schemaname = 'party' AND relname <> 'customer_terms'"""
    hashes = {"phone": PHONE["phone_hash"], "document": DOCUMENT["number_hash"]}
    with as_role(db, "pgerp_app"):
        for kind, hashed in hashes.items():
            before = value(db, read)
            query = f"SELECT display_name FROM party.find_customers_by_{kind}(%s)"
            results_eq(db, query, [("Mary Wanjiku",)], [["k2:" + "0" * 64, hashed]])
            assert value(db, read) - before < 10, kind


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Mary  WANJIKÚ", ["mary", "wanjiku"]),
        ("d'Ávila-Øst", ["davila", "ost"]),
        ("ﬁ ① ２", ["fi", "1", "2"]),
        ("a.b_c%d\\e", ["a", "b", "c", "d", "e"]),
        ("王 小明", ["王", "小明"]),
        ("\t\n", []),
        (None, []),
    ],
)
def test_words_of_names(db: psycopg.Connection, text: str | None, words: list[str]) -> None:
    assert value(db, "SELECT party.name_words(%s)", [text]) == words


def test_deleting_a_customer_by_sql_takes_its_terms_along(
    db: psycopg.Connection, books: Books
) -> None:
    create(db, given_name="Mary")
    db.execute("DELETE FROM party.customers")
    results_eq(db, "SELECT term FROM party.customer_terms", [])
