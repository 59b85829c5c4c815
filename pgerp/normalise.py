"""How a sensitive value is written before it is hashed, so that equal values have equal hashes.

Each kind has one form. What somebody typed differently (blanks, dashes, case, a phone number
without its country) becomes the same; what cannot be of the kind is refused. No message holds the
value.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from pgerp.errors import PgerpError

LONGEST = 1000
"""Characters of a normalised value."""


class NotOfThisKind(PgerpError):
    """The text cannot be a value of the kind: not a phone number, not an e-mail address, …"""


def normalise(text: str, kind: str, country: str | None = None) -> str:
    """Return the one form of a value.

    Args:
        text: The value as somebody gave it.
        kind: One of KINDS.
        country: Whose phone numbers may lack their country code: ISO 3166, as KE; None for none.

    Returns:
        phone: E.164, as +254712345678. document: upper case without blanks and dashes. iban: the
        same, with right check digits. bank_account: the same without a check. mpesa_receipt: upper
        case. email: lower case. text: lower case, one blank between words.

    Raises:
        NotOfThisKind: The text cannot be one.
        PgerpError: No such kind or country.
    """
    if kind not in KINDS:
        raise PgerpError("there is no such kind of value", detail=f"Kinds: {', '.join(KINDS)}.")
    folded = unicodedata.normalize("NFKC", text).strip()
    if not folded or len(folded) > LONGEST:
        raise _refusal(kind, f"It has {len(folded)} characters; it may have 1 to {LONGEST}.")
    if any(unicodedata.category(c) in ("Cc", "Cs") and not c.isspace() for c in folded):
        raise _refusal(kind, "It has control characters.")
    return KINDS[kind](folded, country)


def _refusal(kind: str, detail: str) -> NotOfThisKind:
    return NotOfThisKind(f"the text cannot be of kind {kind}", detail=detail)


def _phone(text: str, country: str | None) -> str:
    import phonenumbers

    if country is not None and country not in phonenumbers.SUPPORTED_REGIONS:
        raise PgerpError(
            "there is no such country",
            where=country,
            hint="Give its two letters of ISO 3166, as KE.",
        )
    # The library would find a number within any text, and read letters as on a telephone's keys.
    if not re.fullmatch(r"\+?[\d\s().\u2010-\u2015-]+", text):
        raise _refusal("phone", "It has more than digits, blanks, dashes and one + before them.")
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException as error:
        code = error.error_type
        if code == phonenumbers.NumberParseException.INVALID_COUNTRY_CODE:
            detail = "It does not begin with + and the code of a country."
        else:
            detail = "It has too few or too many digits."
        raise _refusal("phone", detail) from None
    # Not is_valid_number: ranges that are allotted tomorrow are unknown to the library of today.
    if (
        phonenumbers.is_possible_number_with_reason(number)
        != phonenumbers.ValidationResult.IS_POSSIBLE
    ):
        raise _refusal("phone", "A number of this country has another length.")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _compact(kind: str, pattern: str, detail: str) -> Callable[[str, str | None], str]:
    def normal(text: str, _country: str | None) -> str:
        bare = "".join(
            c for c in text if not c.isspace() and unicodedata.category(c) != "Pd" and c != "\u2212"
        )
        bare = unicodedata.normalize("NFKC", bare.upper())
        if not re.fullmatch(pattern, bare):
            raise _refusal(kind, detail)
        return bare

    return normal


def _iban(text: str, country: str | None) -> str:
    bare = _compact(
        "iban",
        r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}",
        "An IBAN is two letters, two digits and 11 to 30 letters or digits.",
    )(text, country)
    # ISO 13616: letters count as 10 to 35.
    if int("".join(str(int(c, 36)) for c in bare[4:] + bare[:4])) % 97 != 1:
        raise _refusal("iban", "Its check digits do not fit.")
    return bare


def _email(text: str, _country: str | None) -> str:
    folded = unicodedata.normalize("NFKC", text.casefold())
    if not re.fullmatch(r"[^\s@]+@[^\s@.]+(\.[^\s@.]+)*", folded):
        raise _refusal("email", "It is not of the form name@domain.")
    return folded


def _text(text: str, _country: str | None) -> str:
    return " ".join(unicodedata.normalize("NFKC", text.casefold()).split())


KINDS: dict[str, Callable[[str, str | None], str]] = {
    "phone": _phone,
    "document": _compact("document", r"[^\W_][\w./]*", "It has no letter or digit to begin with."),
    "iban": _iban,
    "bank_account": _compact(
        "bank_account", r"[A-Z0-9][A-Z0-9./]*", "It has more than letters and digits."
    ),
    "mpesa_receipt": _compact(
        "mpesa_receipt", r"[A-Z0-9]{8,16}", "A receipt is 8 to 16 letters or digits, as NLJ7RT61SV."
    ),
    "email": _email,
    "text": _text,
}
"""Kind -> what makes its one form."""
