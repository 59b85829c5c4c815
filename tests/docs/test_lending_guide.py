"""The statements of the guide to loans run and give what it says."""

from __future__ import annotations

import re
from decimal import Decimal

import psycopg

from tests.ledger.books import open_books

from .test_documents import ROOT, blocks

GUIDE = "docs/lending.md"


def test_the_sql_of_the_guide_to_loans_runs(db: psycopg.Connection) -> None:
    open_books(db, "Guide")
    db.execute("SELECT identity.create_business('WATER', 'Water', 'KES')")
    schedule, products = blocks(GUIDE, "sql")
    shown = re.findall(r"^ {5,}(\d+ .*\d)$", (ROOT / GUIDE).read_text(), re.MULTILINE)
    rows = [" ".join(map(str, row)) for row in db.execute(schedule).fetchall()]  # type: ignore[call-overload]
    lines = [" ".join(line.split()) for line in shown]
    assert len(lines) == 3
    assert set(lines) <= set(rows)
    *saved, last = products.strip().removesuffix(";").split(";\n")
    for statement in saved:
        db.execute(statement)
    paid = db.execute(last).fetchall()
    assert {row[5] for row in paid[:-1]} == {Decimal(2105)}


def test_the_guide_names_each_argument_and_its_default(db: psycopg.Connection) -> None:
    text = (ROOT / GUIDE).read_text()
    table = dict(re.findall(r"^\| (`p_[^|]*) \|([^|]*)\|", text, re.MULTILINE))
    named = [name for cell in table for name in re.findall(r"p_\w+", cell)]
    ((arguments, defaults),) = db.execute(
        """SELECT proargnames[1:pronargs], pg_get_expr(proargdefaults, 0)
        FROM pg_proc WHERE proname = 'preview_payment_schedule'"""
    ).fetchall()
    assert named == arguments
    said = [
        word for cell in table.values() for word in re.findall(r"`?(\S+?)`?(?:,|$)", cell.strip())
    ]
    words = [word for word in said if word not in ("later", "unit")]
    assert words == [
        word.removesuffix("::text").strip("'")
        for word in defaults.split(", ")
        if not word.startswith("NULL")
    ]
