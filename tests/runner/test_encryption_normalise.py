"""One form for each value of a kind: what counts as the same, and what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgerp.errors import PgerpError
from pgerp.normalise import KINDS, NotOfThisKind, normalise

SAME = {
    ("phone", "+254712345678"): [
        "0712345678",
        "0712 345 678",
        "0712-345-678",
        "(0712) 345.678",
        "+254712345678",
        "+254 (0)712 345678",
        "254712345678",  # as M-Pesa writes it
        "712345678",
        " 0712\u2013345678\u00a0",
        "０７１２３４５６７８",  # full width
        "٠٧١٢٣٤٥٦٧٨",  # Arabic-Indic digits
    ],
    ("phone", "+254112345678"): ["0112 345678", "+254 112 345678"],
    ("phone", "+14155552671"): ["+1 (415) 555-2671"],
    ("phone", "+390612345678"): ["+39 06 1234 5678"],  # Italy keeps the 0
    ("document", "A1234567"): [
        "a1234567",
        "A-123 4567",
        "Ａ１２３４５６７",
        "a\u2011123\u20144567",
    ],
    ("document", "01234567"): ["01234567", "0123 4567"],
    ("document", "12/3456.A"): ["12/3456.a"],
    ("iban", "GB82WEST12345698765432"): ["GB82 WEST 1234 5698 7654 32", "gb82west12345698765432"],
    ("iban", "MT84MALT011000012345MTLCAST001S"): ["MT84 MALT 0110 0001 2345 MTLC AST0 01S"],
    ("bank_account", "0100012345678"): ["0100 0123 45678", "01-000-12345678"],
    ("mpesa_receipt", "NLJ7RT61SV"): ["nlj7rt61sv", " NLJ7 RT61SV\n"],
    ("email", "jane@example.com"): ["Jane@Example.COM ", "jane@example.com"],
    ("email", "straße@example.com".casefold()): ["STRASSE@example.com", "Straße@example.com"],
    ("text", "water & ice"): ["  Water\t&  ICE ", "water & ice"],
}
REFUSED = [
    ("phone", text)
    for text in (
        "",
        " ",
        "call 0712345678",
        "0712345678 ext. 5",
        "0712345678;ext=5",
        "1-800-FLOWERS",
        "12345",
        "0712345678901",
        "+254 71234567890",
        "+999123456789",
        "00254712345678",
        "0254712345678",
        "++254712345678",
        "254+712345678",
        "-",
        "()",
        "0712345678/0712345679",
        "0712345678\x00",
    )
] + [
    ("document", "--"),
    ("document", "/12"),
    ("document", "12#3"),
    ("iban", "GB82 WEST 1234 5698 7654 33"),
    ("iban", "12345"),
    ("iban", "GBB2WEST12345698765432"),
    ("bank_account", "12_34"),
    ("bank_account", "-"),
    ("mpesa_receipt", "NLJ7"),
    ("mpesa_receipt", "NLJ7RT61SVÜ"),
    ("email", "jane"),
    ("email", "jane@"),
    ("email", "@example.com"),
    ("email", "a@b@c.d"),
    ("email", "jane doe@example.com"),
    ("text", "\x01"),
    ("text", "x" * 1001),
]


@pytest.mark.parametrize(
    ("kind", "normal", "given_as"),
    [(kind, normal, text) for (kind, normal), texts in SAME.items() for text in texts],
)
def test_it_is_written_in_one_form(kind: str, normal: str, given_as: str) -> None:
    assert normalise(given_as, kind, "KE") == normal


@pytest.mark.parametrize(("kind", "text"), REFUSED)
def test_what_cannot_be_of_the_kind_is_refused_and_not_shown(kind: str, text: str) -> None:
    with pytest.raises(NotOfThisKind) as caught:
        normalise(text, kind, "KE")
    assert len(text.strip()) < 5 or text.strip() not in str(caught.value)
    assert caught.value.detail


def test_a_number_without_its_country_is_refused_where_no_country_is_given() -> None:
    assert normalise("+254 712 345678", "phone") == "+254712345678"
    for text in ("0712345678", "254712345678"):
        with pytest.raises(NotOfThisKind):
            normalise(text, "phone")
    assert normalise("0712 345678", "phone", "UG") == "+256712345678"


def test_a_local_number_without_its_area_is_refused() -> None:
    with pytest.raises(NotOfThisKind):
        normalise("5552671", "phone", "US")


def test_a_number_that_is_allotted_tomorrow_is_taken_today() -> None:
    assert normalise("0999 999999", "phone", "KE") == "+254999999999"


@pytest.mark.parametrize(("kind", "country"), [("fax", "KE"), ("phone", "254"), ("phone", "ke")])
def test_kinds_and_countries_that_do_not_exist_are_refused(kind: str, country: str) -> None:
    with pytest.raises(PgerpError):
        normalise("0712345678", kind, country)


@given(st.sampled_from(sorted(KINDS)), st.text(max_size=40) | st.from_regex(r"[0-9 +-]{5,15}"))
def test_the_form_of_a_form_is_itself(kind: str, text: str) -> None:
    try:
        normal = normalise(text, kind, "KE")
    except NotOfThisKind:
        return
    assert normalise(normal, kind, "KE") == normal
    assert normalise(f" {normal}\n", kind, "KE") == normal


@given(st.from_regex(r"7[0-9]{8}", fullmatch=True), st.sampled_from(["", " ", "-", "."]))
def test_every_kenyan_mobile_number_is_one_in_all_its_forms(number: str, between: str) -> None:
    typed = between.join((number[:3], number[3:6], number[6:]))
    forms = [f"0{typed}", f"+254{between}{typed}", f"254{number}", f"+254 0{typed}"]
    assert {normalise(form, "phone", "KE") for form in forms} == {f"+254{number}"}
