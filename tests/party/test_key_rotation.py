"""The keys of customers' phones and documents rotate, and customers are found before and after."""

from __future__ import annotations

from pathlib import Path

from pgerp.db import connect
from pgerp.encryption import Keyring
from pgerp.keyfile import activate_next, add_next, create_file, read_keys
from tests.ledger.books import open_books
from tests.party.customers import add, create
from tests.pgtap import value
from tests.runner.journals import run

BY_PHONE = "SELECT display_name FROM party.find_customers_by_phone(%s)"
BY_DOCUMENT = "SELECT display_name FROM party.find_customers_by_document(%s, 'national_id')"


def test_every_sensitive_value_of_a_customer_goes_to_the_new_keys(
    clone: str, tmp_path: Path
) -> None:
    file = tmp_path / "keys.jwks"
    create_file(file)

    def ring() -> Keyring:
        return Keyring.load(file, country="KE")

    with connect(clone) as conn:
        open_books(conn)
        before = ring()
        sealed = before.protect("0712 345678", "phone")
        customer = create(conn, given_name="Mary", phone_encrypted=sealed[0], phone_hash=sealed[1])
        sealed = before.protect("0722 000111", "phone")
        add(
            conn,
            "contact",
            customer,
            channel="phone",
            phone_encrypted=sealed[0],
            phone_hash=sealed[1],
        )
        sealed = before.protect("1234 5678", "document")
        add(
            conn,
            "identity_document",
            customer,
            document_type="national_id",
            issuing_country="KE",
            number_encrypted=sealed[0],
            number_hash=sealed[1],
        )
        old = [key.kid for key in read_keys(file)]
        add_next(file, ["encryption", "hash"])
        activate_next(file)
        # Found while rows still have the old hash …
        assert value(conn, BY_PHONE, [ring().hashes("+254712345678", "phone")]) == "Mary"
        for kid in old:
            assert run(clone, "encryption", "retire", kid, "--keys", file).exit_code == 2
        result = run(clone, "encryption", "reencrypt", "--country", "KE", "--keys", file)
        assert (result.exit_code, result.stderr) == (0, "")
        assert result.stdout.endswith("3 rows rewritten, 0 left as they were\n")
        for kid in old:
            assert run(clone, "encryption", "retire", kid, "--keys", file).exit_code == 0
        # … and with nothing but the new keys.
        after = ring()
        for number in ("0712-345678", "+254 722 000111"):
            assert value(conn, BY_PHONE, [after.hashes(number, "phone")]) == "Mary"
        assert value(conn, BY_DOCUMENT, [after.hashes("12345678", "document")]) == "Mary"
        stored = value(conn, "SELECT number_encrypted FROM party.identity_documents")
        assert after.decrypt(stored) == "1234 5678"
