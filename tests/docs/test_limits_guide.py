"""The statements of the guide to limits run and give what it says."""

from __future__ import annotations

import re

import psycopg

from tests.ledger.books import balance, offenders, open_books
from tests.pgtap import results_eq

from .test_documents import ROOT, blocks


def test_the_sql_of_the_guide_to_limits_runs_as_shown(db: psycopg.Connection) -> None:
    open_books(db, "Guide")
    variables: dict[str, str] = {}
    shown = re.findall(
        r"^\| (\d+) \| ([\d.]+) \| ([\d.]+) \| ?(\d*) \|$",
        (ROOT / "docs/ledger-limits.md").read_text(),
        re.MULTILINE,
    )
    for block in blocks("docs/ledger-limits.md", "sql"):
        for statement in re.split(r";\n|(?<=\\gset)\n", block):
            query = statement.replace("\\gset", "").strip()
            for name, text in variables.items():
                query = query.replace(f":'{name}'", f"'{text}'")
            if "resulting_balances" in query:
                query = query.replace("*", "account_code, balance::text, available::text, version")
                want = [(a, b, c, int(d) if d else None) for a, b, c, d in shown]
                results_eq(db, query, want)
            elif query:
                row = db.execute(query).fetchone()  # type: ignore[call-overload]
                if set_ := re.search(r"AS (\w+) \\gset", statement):
                    variables[set_[1]] = str(row[0])
    assert balance(db, "1150") == "650.0000"
    db.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert offenders(db) == {}
