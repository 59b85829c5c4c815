"""How long it takes to find one of a million customers, by a client under row security."""

from __future__ import annotations

import argparse
import contextlib
import random
import sys
import time
from collections.abc import Iterator
from statistics import median, quantiles
from typing import Any

import psycopg

from bench.ledger.books import Books, open_books, value
from bench.ledger.load import cpu_ns
from bench.support import own_server, print_table, save
from pgerp.config import build_url
from pgerp.db import connect, parse_url

_TARGET_MS = 20
_DATABASE = "bench_party"

# Names as they are distributed: a few are common, most are rare. Syllables make 40 given and 8,000
# family names; cubes of a random number choose among them.
_FILL = """
WITH syllables AS (
    SELECT
        string_to_array('wa mu ka nja ki ngu mwa o che ru ba ti ndu lo mo za la si ha be', ' ')
            AS a,
        string_to_array('nji mba ko ri ta ngi ma re thu go le ni sha ro du ke ra mi no lu', ' ')
            AS b,
        string_to_array('ku u ru i ra na ri a to ne go ti mu so la ya chi bu ki me', ' ') AS c
),
drawn AS (
    SELECT
        n.i,
        power(random(), 3) AS given,
        power(random(), 3) AS middle,
        power(random(), 3) AS family,
        random() < 0.5 AS has_middle
    FROM generate_series(1, %(customers)s) AS n (i)
),
named AS (
    SELECT
        d.i,
        initcap(s.a[1 + floor(d.given * 8)::integer] || s.c[1 + floor(d.given * 977)::integer %% 5])
            AS given_name,
        concat_ws(' ',
            CASE WHEN d.has_middle THEN initcap(
                s.a[1 + floor(d.middle * 20)::integer]
                || s.b[1 + floor(d.middle * 401)::integer %% 20]
            ) END,
            initcap(
                s.a[1 + floor(d.family * 20)::integer]
                || s.b[1 + floor(d.family * 401)::integer %% 20]
                || s.c[1 + floor(d.family * 8009)::integer %% 20]
            )
        ) AS family_name
    FROM drawn AS d CROSS JOIN syllables AS s
)
INSERT INTO party.customers (
    tenant_id, id, customer_no, kind, display_name, given_name, family_name, email,
    phone_encrypted, phone_hash, status, version,
    created_at, created_by, last_modified_at, last_modified_by
)
SELECT
    %(tenant)s, core.uuid_v7(), 'C' || lpad(n.i::text, 7, '0'), 'person',
    n.given_name || ' ' || n.family_name, n.given_name, n.family_name,
    CASE WHEN n.i %% 3 = 0 THEN lower(n.given_name) || n.i || '@example.com' END,
    'k1:gAAAAAB' || repeat('x', 93), 'k1:' || encode(sha256(n.i::text::bytea), 'hex'),
    'active', 1, now(), 'bench', now(), 'bench'
FROM named AS n
"""
_TERMS = """
INSERT INTO party.customer_terms (tenant_id, customer_id, term)
SELECT c.tenant_id, c.id, s.term
FROM party.customers AS c CROSS JOIN LATERAL party.search_terms(c) AS s (term)
"""
_DOCUMENTS = """
INSERT INTO party.identity_documents (
    tenant_id, id, customer_id, document_type, number_encrypted, number_hash, issuing_country,
    is_primary, created_at, created_by, last_modified_at, last_modified_by
)
SELECT
    c.tenant_id, core.uuid_v7(), c.id, 'national_id', c.phone_encrypted, c.phone_hash, 'KE',
    true, now(), 'bench', now(), 'bench'
FROM party.customers AS c
"""

Call = tuple[str, list[Any]]


def main(arguments: list[str]) -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(prog="python -m bench party", description=__doc__)
    parser.add_argument("--server", default="18", help="16, 18 or a superuser's URL")
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--calls", type=int, default=200, help="of each kind")
    options = parser.parse_args(arguments)
    with _database(options.server) as url:
        books = open_books(url)
        with connect(url) as admin, books.client() as client:
            version = value(admin, "SHOW server_version")
            _fill(admin, books, options.customers)
            figures = {
                kind: _measure(client, calls)
                for kind, calls in _kinds(admin, options.calls).items()
            }
            figures |= _contrasts(admin, client)
            sizes = {
                name: value(admin, "SELECT pg_relation_size(%s)", [f"party.{name}"]) / 1e6
                for name in ("customers", "customer_terms", "customer_terms_pkey")
            }
            figures |= {"a customer more, by the API": _measure(client, _new(options.calls))}
    columns = ("median", "p99", "cpu", "cpu p99")
    print_table(
        f"One call by a client, ms, {options.customers:,} customers, {version}; "
        f"target for what functions find: {_TARGET_MS}",
        ["", "median", "99 %", "CPU", "CPU 99 %", "rows"],
        [
            [kind, *(f"{one[column]:.2f}" for column in columns), f"{one['rows']:g}"]
            for kind, one in figures.items()
        ],
    )
    print(", ".join(f"{name} {size:.0f} MB" for name, size in sizes.items()))
    save(
        "party",
        {"server": version, "customers": options.customers, "figures": figures, "megabytes": sizes},
    )


@contextlib.contextmanager
def _database(server: str) -> Iterator[str]:
    """Make an empty database on a server of our own, or on that of a URL."""
    with contextlib.ExitStack() as stack:
        if server in {"16", "18"}:
            url = stack.enter_context(own_server(int(server))).url("postgres")
        else:
            url = server
        with connect(url) as conn:
            conn.execute(f"CREATE DATABASE {_DATABASE}")
            try:
                yield build_url({**parse_url(url), "dbname": _DATABASE})
            finally:
                conn.execute(f"DROP DATABASE {_DATABASE} WITH (FORCE)")


def _fill(admin: psycopg.Connection, books: Books, customers: int) -> None:
    """Make customers past the triggers, with what the triggers would have made."""
    started = time.perf_counter()
    admin.execute("SET session_replication_role = replica")
    admin.execute("SELECT setseed(0.5)")
    admin.execute(_FILL.encode(), {"customers": customers, "tenant": books.tenant_id})
    admin.execute(_TERMS.encode())
    admin.execute(_DOCUMENTS.encode())
    admin.execute("RESET session_replication_role")
    for table in ("customers", "customer_terms", "identity_documents"):
        admin.execute(f"VACUUM ANALYZE party.{table}".encode())
    print(f"filled in {time.perf_counter() - started:.0f} s", file=sys.stderr)


def _kinds(admin: psycopg.Connection, calls: int) -> dict[str, list[Call]]:
    """Return calls of each kind: what somebody types who has a customer before them."""
    rows = admin.execute(
        "SELECT c.given_name, c.family_name, c.customer_no, c.email, c.phone_hash"
        " FROM party.customers AS c WHERE c.email IS NOT NULL ORDER BY c.phone_hash LIMIT %s",
        [calls],
    ).fetchall()
    random.Random(7).shuffle(rows)
    by_name = "SELECT * FROM party.find_customers(%s)"
    other = "k2:" + "0" * 64
    return {
        "three letters of a family name": [(by_name, [r[1].split()[-1][:3]]) for r in rows],
        "a family name": [(by_name, [r[1].split()[-1]]) for r in rows],
        "a given name, of which there are thousands": [(by_name, [r[0]]) for r in rows],
        "given name and three letters": [
            (by_name, [f"{r[0]} {r[1].split()[-1][:3]}"]) for r in rows
        ],
        "three letters and three letters": [
            (by_name, [f"{r[1].split()[-1][:3]} {r[0][:3]}"]) for r in rows
        ],
        "whole name, family name first": [(by_name, [f"{r[1]} {r[0]}"]) for r in rows],
        "one letter": [(by_name, [r[0][0]]) for r in rows],
        "a name that nobody has": [(by_name, [f"{r[0]} xyz"]) for r in rows],
        "number": [(by_name, [r[2]]) for r in rows],
        "e-mail address": [(by_name, [r[3]]) for r in rows],
        "phone": [
            ("SELECT * FROM party.find_customers_by_phone(%s)", [[r[4], other]]) for r in rows
        ],
        "identity document": [
            ("SELECT * FROM party.find_customers_by_document(%s)", [[r[4], other]]) for r in rows
        ],
    }


def _new(calls: int) -> list[Call]:
    query = "SELECT party.create_customer(%s)"
    return [
        (query, [f'{{"given_name": "Mary {number}", "family_name": "Wanjiku"}}'])
        for number in range(calls)
    ]


def _contrasts(
    admin: psycopg.Connection, client: psycopg.Connection
) -> dict[str, dict[str, float]]:
    """Measure LIKE, without and, where the server has the extension, with pg_trgm."""
    like = "SELECT c.id FROM party.customers AS c WHERE c.display_name ILIKE %s LIMIT 20"
    calls: list[Call] = [(like, [f"%{name}%"]) for name in ("nduthuya", "chemaki", "xyzxyz")]
    found = {"contrast: ILIKE, no index, client": _measure(client, calls)}
    if value(
        admin,
        "SELECT EXISTS (SELECT FROM pg_available_extensions AS x WHERE x.name = 'pg_trgm')",
    ):
        admin.execute("CREATE EXTENSION pg_trgm SCHEMA public")
        admin.execute(
            "CREATE INDEX bench_idx ON party.customers USING gin (display_name public.gin_trgm_ops)"
        )
        found["contrast: ILIKE, pg_trgm, client under row security"] = _measure(client, calls)
        found["contrast: ILIKE, pg_trgm, superuser past it"] = _measure(admin, calls)
        admin.execute("DROP INDEX party.bench_idx")
    return found


def _measure(conn: psycopg.Connection, calls: list[Call]) -> dict[str, float]:
    """Return milliseconds of calls, after a quarter of them for warmth, and the rows they find."""
    pid = conn.info.backend_pid
    wall, cpu, rows = [], [], []
    for query, params in calls[: len(calls) // 4]:
        with conn.transaction(force_rollback=True):
            conn.execute(query.encode(), params)
    for query, params in calls:
        started, spent = time.perf_counter(), cpu_ns(pid)
        rows.append(len(conn.execute(query.encode(), params).fetchall()))
        wall.append((time.perf_counter() - started) * 1000)
        cpu.append((cpu_ns(pid) - spent) / 1e6)
    return {
        "median": median(wall),
        "p99": quantiles(wall, n=100, method="inclusive")[-1],
        "cpu": median(cpu),
        "cpu p99": quantiles(cpu, n=100, method="inclusive")[-1],
        "rows": median(rows),
    }


if __name__ == "__main__":
    main(sys.argv[1:])
