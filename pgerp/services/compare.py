"""Do the databases of a topology tell the same? What one emitted, those who hear of it have."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing

from psycopg.rows import tuple_row

from pgerp.history import Connection
from pgerp.services.routes import IDENTITY_TABLES, Routes
from pgerp.services.topology import Topology, open_service

# The position is each database's own.
_EVENTS = """
SELECT count(*), coalesce(md5(string_agg(r.row, '' ORDER BY r.row)), '')
FROM (
    SELECT md5((to_jsonb(e) - 'position')::text) AS row
    FROM events.event_store AS e
    WHERE e.source_service = %s AND e.aggregate_type = ANY (%s)
) AS r"""
_ROWS = """
SELECT count(*), coalesce(md5(string_agg(r.row, '' ORDER BY r.row)), '')
FROM (SELECT md5(to_jsonb(t)::text) AS row FROM identity.{} AS t) AS r"""


def differences(topology: Topology, routes: Routes) -> Iterator[str]:
    """Yield one sentence for each thing that two databases tell differently.

    What is under way between them counts as missing: compare when nobody writes, or again.
    """
    for (source_name, destination_name), aggregates in routes.items():
        arguments = [source_name, sorted(aggregates)]
        source = topology.services[source_name]
        destination = topology.services[destination_name]
        with closing(open_service(source)) as one, closing(open_service(destination)) as other:
            sent, received = _sum(one, _EVENTS, arguments), _sum(other, _EVENTS, arguments)
        if sent != received:
            yield (
                f"{source_name} emitted {sent[0]} events that {destination_name} hears of, which"
                f" has {received[0]}" + (" that differ" if sent[0] == received[0] else "")
            )
    home = topology.identity
    with closing(open_service(home)) as one:
        for service in topology.others(home):
            with closing(open_service(service)) as other:
                for table in IDENTITY_TABLES:
                    query = _ROWS.format(table)
                    if _sum(one, query) != _sum(other, query):
                        yield f"identity.{table} of {service.name} differs from {home.name}'s"


def _sum(
    conn: Connection, query: str, arguments: Sequence[object] | None = None
) -> tuple[int, str]:
    with conn.cursor(row_factory=tuple_row) as cursor:
        row = cursor.execute(query.encode(), arguments).fetchone()
    assert row is not None
    return int(row[0]), str(row[1])
