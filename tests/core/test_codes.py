"""What a code and a blank are is the same in every collation and version: Unicode says it."""

from __future__ import annotations

import unicodedata

import psycopg
import pytest

from tests.pgtap import value

CHARACTERS = [chr(n) for n in range(1, 0x10000) if not 0xD800 <= n < 0xE000]
SPACES = {c for c in CHARACTERS if c.isspace() and not "\x1c" <= c <= "\x1f"}
CONTROLS = {c for c in CHARACTERS if unicodedata.category(c) == "Cc"}
COLLATIONS = ["default", "C", "POSIX", "ucs_basic", "und-x-icu", "unicode"]


@pytest.fixture(params=COLLATIONS)
def collation(db: psycopg.Connection, request: pytest.FixtureRequest) -> str:
    """A collation that the server may lack, which is then stood in for by the default one."""
    name: str = request.param
    query = """SELECT EXISTS (
        SELECT FROM pg_collation WHERE collname = %s AND collisdeterministic
            AND collencoding IN (-1, pg_char_to_encoding(getdatabaseencoding()))
    )"""
    return name if value(db, query, [name]) else "default"


def among(db: psycopg.Connection, condition: str, collation: str) -> set[str]:
    """Return the characters of which a condition on c holds, seen in a collation."""
    query = f"""SELECT c FROM unnest(%s::text[]) AS g (t)
        CROSS JOIN LATERAL (SELECT g.t COLLATE "{collation}" AS c) AS x WHERE {condition}"""
    return {c for (c,) in db.execute(query, [CHARACTERS])}


def test_no_code_begins_or_ends_with_white_space_or_has_a_control_character(
    db: psycopg.Connection, collation: str
) -> None:
    assert among(db, "NOT core.is_code(c || 'a')", collation) == SPACES | CONTROLS
    assert among(db, "NOT core.is_code('a' || c)", collation) == SPACES | CONTROLS
    assert among(db, "NOT core.is_code('a' || c || 'a')", collation) == CONTROLS


def test_white_space_alone_is_blank(db: psycopg.Connection, collation: str) -> None:
    assert among(db, "core.is_blank(c)", collation) == SPACES
    assert among(db, "core.is_blank(' ' || c || E'\\n')", collation) == SPACES
    assert value(db, "SELECT core.is_blank('')") is True


def test_the_domains_and_the_parsers_go_by_it(db: psycopg.Connection) -> None:
    for domain, function in (("code", "is_code"), ("label", "is_blank")):
        check = "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE contypid = %s::regtype"
        assert f"core.{function}(" in value(db, check, [f"core.{domain}"])
    classes = """SELECT array_agg(p.oid::regprocedure::text) FROM pg_proc AS p
        WHERE p.pronamespace::regnamespace::text = ANY ('{core,identity,ledger,finance}')
            AND p.prosrc ~ '\\[:[a-z]+:\\]'"""
    assert value(db, classes) is None


def test_nothing_is_said_of_null(db: psycopg.Connection) -> None:
    assert value(db, "SELECT core.is_code(NULL)") is None
    assert value(db, "SELECT core.is_blank(NULL)") is None
