"""Customers for tests: what an application would send, with values that look encrypted."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import psycopg

from tests.pgtap import value


def sealed(column: str, text: str, key: str = "k1") -> dict[str, str]:
    """Return the pair of columns of a sensitive value, by their names.

    Encryption has tests of its own; here a token only has to look like one, and to be found again.
    """
    digest = hashlib.sha512(f"{key} {text}".encode()).digest()
    token = base64.urlsafe_b64encode(b"\x80\0\0\0\0" + digest + digest[:4]).decode()
    return {
        f"{column}_encrypted": f"{key}:{token}",
        f"{column}_hash": f"{key}:{hashlib.sha256(digest).hexdigest()}",
    }


PHONE = sealed("phone", "+254722000001")
DOCUMENT = {
    "document_type": "national_id",
    "issuing_country": "KE",
    **sealed("number", "12345678"),
}
ADDRESS = {"line_1": "PO Box 17", "city": "Nakuru", "country_code": "KE"}


def create(conn: psycopg.Connection, *, allow: bool = False, **customer: Any) -> Any:
    """Make a customer through the API and return its id."""
    query = "SELECT party.create_customer(%s, %s)"
    return value(conn, query, [json.dumps(customer), allow])


def add(conn: psycopg.Connection, part: str, customer: Any, **row: Any) -> Any:
    """Add a contact, an address or an identity_document to a customer and return its id."""
    return value(conn, f"SELECT party.add_{part}(%s, %s)", [customer, json.dumps(row)])


def update(conn: psycopg.Connection, customer: Any, version: int | None, **changes: Any) -> Any:
    """Change a customer and return its version."""
    query = "SELECT party.update_customer(%s, %s, %s)"
    return value(conn, query, [customer, json.dumps(changes), version])


def found(conn: psycopg.Connection, text: str | None, limit: int = 20) -> list[str]:
    """Return the display names that a search finds, in its order."""
    query = "SELECT display_name FROM party.find_customers(%s, %s)"
    return [name for (name,) in conn.execute(query, [text, limit])]
