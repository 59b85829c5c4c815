"""Who has to hear of what: from the contract of events, which every database has alike."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from psycopg.rows import tuple_row

from pgerp.history import Connection
from pgerp.services.topology import Service, Topology

Routes = dict[tuple[str, str], frozenset[str]]
"""(source, destination) -> the types of aggregates whose events go that way."""


def routes(conn: Connection, topology: Topology) -> Routes:
    """Return which aggregates' events go from which service to which.

    A service hears of all events of an aggregate when it handles one of them, so that it can tell
    whether one is missing.

    Args:
        conn: A connection to the database of any service.
        topology: The services.
    """
    homes = {module: name for name, one in topology.services.items() for module in one.modules}
    with conn.cursor(row_factory=tuple_row) as cursor:
        rows = cursor.execute(
            "SELECT DISTINCT split_part(t.code, '.', 1), t.aggregate_type,"
            " split_part(s.handler, '.', 1) FROM events.event_types AS t"
            " INNER JOIN events.event_types AS heard ON heard.aggregate_type = t.aggregate_type"
            " INNER JOIN events.subscriptions AS s ON s.event_type = heard.code"
        ).fetchall()
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for emitter, aggregate, handler in rows:
        source, destination = homes.get(emitter), homes.get(handler)
        if source and destination and source != destination:
            found[source, destination].add(aggregate)
    return {pair: frozenset(aggregates) for pair, aggregates in sorted(found.items())}


def publication(destination: Service) -> str:
    """Return the name of the publication in a source for a destination."""
    return f"pgerp_to_{destination.name}"


def subscription(source: Service, destination: Service) -> str:
    """Return the name of a subscription, and of its slot: unique on a server that has several."""
    return f"pgerp_{source.name}_to_{destination.name}"


def identity_subscription(home: Service, destination: Service) -> str:
    """Return the name of the subscription, and slot, that brings rows of identity."""
    return f"pgerp_identity_of_{home.name}_to_{destination.name}"


IDENTITY_PUBLICATION = "pgerp_identity"
IDENTITY_TABLES = (
    "tenants",
    "businesses",
    "business_settings",
    "payment_tills",
    "users",
    "roles",
    "role_permissions",
    "user_roles",
    "user_businesses",
    "subject_rights",
    "signing_keys",
)
"""What a service needs to know tenants and tokens by. Passwords stay where users sign in."""


@dataclass(frozen=True)
class Feed:
    """One subscription that is to be there.

    Attributes:
        name: Of the subscription and of its slot.
        source: The service whose database publishes.
        destination: The service whose database subscribes.
        publication: What it subscribes to.
    """

    name: str
    source: Service
    destination: Service
    publication: str


def feeds(topology: Topology, routes: Routes) -> list[Feed]:
    """Return the subscriptions that a topology needs: of rows of identity, and of events."""
    home = topology.identity
    found = [
        Feed(identity_subscription(home, other), home, other, IDENTITY_PUBLICATION)
        for other in topology.others(home)
    ]
    for source_name, destination_name in routes:
        source = topology.services[source_name]
        destination = topology.services[destination_name]
        name = subscription(source, destination)
        found.append(Feed(name, source, destination, publication(destination)))
    return found
