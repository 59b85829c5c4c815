"""Templates: languages, placeholders, segments."""

from __future__ import annotations

import json
from typing import Any

import psycopg
import pytest

from tests.ledger.books import Books, open_books
from tests.messaging.queue import REMINDER, TEXT, VALUES, hold_for, save
from tests.pgtap import as_role, results_eq, throws, value

RENDER = "SELECT language, body FROM messaging.render('loan_reminder', %s, %s, %s)"
SEGMENTS = "SELECT encoding, units, segments FROM messaging.sms_segments(%s)"


def rendered(db: psycopg.Connection, language: str | None, default: str | None = None) -> Any:
    return db.execute(RENDER, [language, json.dumps(VALUES), default]).fetchone()


def test_a_template_is_made_read_under_its_usual_name_and_changed_by_its_version(
    db: psycopg.Connection, books: Books
) -> None:
    made = save(db)
    assert save(db, 1, body="Pay {{amount}}.", is_active=False) == made
    results_eq(
        db,
        "SELECT name, language, message, placeholders, is_active, version"
        " FROM messaging.sms_templates",
        [("loan_reminder", "en", "Pay {{amount}}.", ["amount"], False, 2)],
    )


def test_what_is_left_out_of_a_change_stays(db: psycopg.Connection, books: Books) -> None:
    save(db, needs_consent=True, max_attempts=3)
    part = json.dumps({"code": "loan_reminder", "language": "en", "is_active": False})
    value(db, "SELECT messaging.save_template(%s, 1)", [part])
    results_eq(
        db,
        "SELECT body, needs_consent, max_attempts, is_active FROM messaging.templates",
        [(REMINDER["body"], True, 3, False)],
    )


def test_a_stale_or_blind_change_is_refused(db: psycopg.Connection, books: Books) -> None:
    save(db)
    save(db, 1, body="Second")
    for version, sqlstate in ((1, "ZK001"), (None, "ZM002")):
        with pytest.raises(psycopg.Error) as error, db.transaction():
            save(db, version, body="Third")
        assert error.value.sqlstate == sqlstate
    with pytest.raises(psycopg.Error) as error, db.transaction():
        save(db, 1, language="sw")
    assert error.value.sqlstate == "ZM001"


@pytest.mark.parametrize(
    ("change", "sqlstate"),
    [
        ({"body": "Dear {{name}"}, "23514"),
        ({"body": "Dear {{Name}}"}, "23514"),
        ({"body": "Dear {{ name }}"}, "23514"),
        ({"body": "Dear {{}}"}, "23514"),
        ({"body": "Dear }}{{"}, "23514"),
        ({"body": "Dear {{{{name}}}}"}, "23514"),
        ({"body": " \n"}, "23514"),
        ({"body": "x" * 1001}, "23514"),
        ({"body": None}, "23502"),
        ({"language": "SW"}, "23514"),
        ({"language": "sw_KE"}, "23514"),
        ({"code": "Loan reminder"}, "23514"),
        ({"purpose": "SMS"}, "23514"),
        ({"max_attempts": 0}, "23514"),
        ({"channel": "email"}, "23514"),
        ({"channel": "pigeon"}, "22P02"),
        ({"subject": "of an SMS"}, "23514"),
        ({"boddy": "x"}, "22023"),
    ],
    ids=str,
)
def test_a_malformed_template_is_refused(
    db: psycopg.Connection, books: Books, change: dict[str, Any], sqlstate: str
) -> None:
    template = json.dumps({**REMINDER, **change})
    throws(db, sqlstate, "SELECT messaging.save_template(%s)", [template])


def test_templates_are_of_all_businesses_so_a_token_for_one_does_not_change_them(
    db: psycopg.Connection, books: Books
) -> None:
    hold_for(db, books, [books.business_id])
    throws(db, "ZI006", "SELECT messaging.save_template(%s)", [json.dumps(REMINDER)])


def test_a_language_falls_back_to_what_it_is_a_form_of_and_then_to_the_default(
    db: psycopg.Connection, books: Books
) -> None:
    save(db)
    assert rendered(db, "sw-KE", "en-GB") == ("en", TEXT)
    save(db, language="sw", body="Habari {{name}}")
    assert rendered(db, "sw-KE", "en-GB") == ("sw", "Habari Mary")
    save(db, language="sw-KE", body="Sasa {{name}}")
    assert rendered(db, "sw-ke", "en") == ("sw-KE", "Sasa Mary")
    assert rendered(db, "sw-TZ", "en") == ("sw", "Habari Mary")
    assert rendered(db, None, "en-KE") == ("en", TEXT)
    throws(db, "ZM001", RENDER, ["fr-FR", "{}", None])
    save(db, 1, is_active=False)
    throws(db, "ZM001", RENDER, ["en", json.dumps(VALUES), None])


@pytest.mark.parametrize(
    "change",
    [
        {"name": None},
        {"name": ""},
        {"name": " "},
        {"name": ["Mary"]},
        {"name": {"a": 1}},
        {"name": True},
        {"name": "x" * 201},
        {"name": "two\nlines"},
    ],
    ids=str,
)
def test_a_value_that_is_missing_or_no_text_never_gets_into_a_text(
    db: psycopg.Connection, books: Books, change: dict[str, Any]
) -> None:
    save(db)
    throws(db, "ZM003", RENDER, ["en", json.dumps({**VALUES, **change}), None])


def test_a_value_left_out_is_missing_and_more_values_do_no_harm(
    db: psycopg.Connection, books: Books
) -> None:
    save(db)
    throws(db, "ZM003", RENDER, ["en", json.dumps({"name": "Mary"}), None])
    throws(db, "ZM003", RENDER, ["en", "[]", None])
    more = json.dumps({**VALUES, "more": None})
    assert db.execute(RENDER, ["en", more, None]).fetchone() == ("en", TEXT)


def test_what_is_put_in_is_not_looked_at_again(db: psycopg.Connection, books: Books) -> None:
    save(db, body="{{name}}|{{amount}}|{{name}}")
    values = json.dumps({"name": "{{amount}}", "amount": r"\1 & 7.50"})
    assert db.execute(RENDER, ["en", values, None]).fetchone() == (
        "en",
        r"{{amount}}|\1 & 7.50|{{amount}}",
    )


def test_an_e_mail_has_a_subject_and_no_segments(db: psycopg.Connection, books: Books) -> None:
    save(db, channel="email", subject="For {{name}}")
    results_eq(
        db,
        "SELECT subject, body, segments FROM messaging.render('loan_reminder', 'en', %s)",
        [("For Mary", TEXT, None)],
        [json.dumps(VALUES)],
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ("gsm7", 0, 1)),
        ("x" * 160, ("gsm7", 160, 1)),
        ("x" * 161, ("gsm7", 161, 2)),
        ("x" * 306, ("gsm7", 306, 2)),
        ("x" * 307, ("gsm7", 307, 3)),
        ("€" * 80, ("gsm7", 160, 1)),
        ("€" * 81, ("gsm7", 162, 2)),
        # An escape and what it escapes are in one part, so that of 153 septets one stays empty.
        ("€" * 153, ("gsm7", 306, 3)),
        ("@£èéñ\n^{}\\[~]|", ("gsm7", 22, 1)),
        ("ç" + "x" * 69, ("ucs2", 70, 1)),
        ("ç" + "x" * 70, ("ucs2", 71, 2)),
        ("ç" + "x" * 134, ("ucs2", 135, 3)),
        ("😀" * 35, ("ucs2", 70, 1)),
        ("😀" * 67, ("ucs2", 134, 3)),
        ("`", ("ucs2", 1, 1)),
    ],
)
def test_an_sms_is_counted_as_it_is_billed(
    db: psycopg.Connection, text: str, expected: tuple[str, int, int]
) -> None:
    assert db.execute(SEGMENTS, [text]).fetchone() == expected


def test_a_reader_sees_the_templates_of_its_tenant_only(
    db: psycopg.Connection, books: Books
) -> None:
    save(db)
    with as_role(db, "pgerp_readonly"):
        assert value(db, "SELECT count(*) FROM messaging.sms_templates") == 1
        throws(db, "42501", "SELECT messaging.save_template(%s)", [json.dumps(REMINDER)])
    open_books(db, "Others")
    with as_role(db, "pgerp_readonly"):
        assert value(db, "SELECT count(*) FROM messaging.sms_templates") == 0
