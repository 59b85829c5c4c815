"""Taking a topology down, or some services out of it: nothing is left of them, or that is said."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import dataclass

from psycopg import sql

from pgerp.errors import PgerpError
from pgerp.history import Connection
from pgerp.services import replicate, subscriber
from pgerp.services.fit import content, maintenance
from pgerp.services.publications import publications
from pgerp.services.routes import identity_subscription, publication, subscription
from pgerp.services.setup import Say
from pgerp.services.topology import Service, Topology, open_service

PATIENCE_S = 5.0
"""How long sessions that are ending are waited for."""

_IN_THE_WAY = """
SELECT format('session %s of %s (%s)', a.pid, a.usename, a.application_name)
FROM pg_catalog.pg_stat_activity AS a
WHERE a.datname = current_database() AND a.backend_type = 'client backend'
    AND a.pid <> pg_catalog.pg_backend_pid()
UNION ALL
SELECT format('subscription %s', s.subname)
FROM pg_catalog.pg_subscription AS s
INNER JOIN pg_catalog.pg_database AS d ON d.oid = s.subdbid AND d.datname = current_database()
WHERE s.subname !~ '^pgerp_'
UNION ALL
SELECT format('replication slot %s', r.slot_name)
FROM pg_catalog.pg_replication_slots AS r
WHERE r.database = current_database() AND r.slot_name !~ '^pgerp_'
UNION ALL
SELECT format('prepared transaction %s', x.gid)
FROM pg_catalog.pg_prepared_xacts AS x
WHERE x.database = current_database()"""


@dataclass(frozen=True)
class Removal:
    """What `down` is going to do; `plan_down` makes it.

    Attributes:
        topology: All services.
        chosen: Those that are taken down and whose databases are there.
        peers: The others that can be reached.
        away: The others that cannot, with the reason.
        drop_databases: Whether the databases of those chosen go too.
        steps: The same for people, a line each.
    """

    topology: Topology
    chosen: list[Service]
    peers: list[Service]
    away: dict[str, str]
    drop_databases: bool
    steps: list[str]


def plan_down(topology: Topology, names: tuple[str, ...], *, drop_databases: bool) -> Removal:
    """Look at what there is to take down; changes nothing.

    Args:
        topology: The services.
        names: Those that are to go; none = all.
        drop_databases: Whether their databases go too, with all they hold.

    Raises:
        PgerpError: a server does not answer, a database is no service's, or something is in the
            way of dropping it.
    """
    chosen = topology.chosen(names)
    states = {name: _reach(service) for name, service in topology.services.items()}
    if lost := [one.name for one in chosen if isinstance(states[one.name], str)]:
        answering = [name for name, state in states.items() if not isinstance(state, str)]
        others = " ".join(f"--service {one.name}" for one in chosen if one.name in answering)
        raise PgerpError(
            f"{', '.join(lost)} cannot be reached",
            detail=f"{states[lost[0]]} Nothing was done.",
            hint=f"Take down those that answer: {others}; what is left on the other side is named."
            if others
            else "Start the server, or correct the address.",
        )
    there = [one for one in chosen if states[one.name] is True]
    steps = []
    for service in there:
        with closing(open_service(service)) as conn:
            if drop_databases:
                _refuse_drop(conn, service)
            steps += [f"{service.name}: {what}" for what in _things(conn, service, None).all()]
        if drop_databases:
            steps.append(f"{service.name}: database {service.database}, with all it holds")
    peers = [one for one in topology.services.values() if one not in chosen]
    for service in peers:
        if states[service.name] is True:
            with closing(open_service(service)) as conn:
                steps += [f"{service.name}: {what}" for what in _things(conn, service, there).all()]
    return Removal(
        topology,
        there,
        [one for one in peers if states[one.name] is True],
        {one.name: str(states[one.name]) for one in peers if isinstance(states[one.name], str)},
        drop_databases,
        steps,
    )


def down(removal: Removal, *, say: Say) -> list[str]:
    """Take away what runs between databases, and the databases too if that was planned.

    Args:
        removal: By `plan_down`.
        say: Called with one line for each thing done.

    Returns:
        Sentences about what is left where nobody could be reached.
    """
    ends: list[tuple[Service, list[Service] | None]] = [(one, None) for one in removal.chosen]
    ends += [(service, removal.chosen) for service in removal.peers]
    # All subscriptions before the slots that they read.
    for service, others in ends:
        with closing(open_service(service)) as conn:
            for name in _things(conn, service, others).subscriptions:
                replicate.unsubscribe(conn, name)
                say(f"{service.name}: subscription {name} dropped")
    for service, others in ends:
        with closing(open_service(service)) as conn:
            things = _things(conn, service, others)
            for name in things.slots:
                replicate.drop_slot(conn, name)
                say(f"{service.name}: slot {name} dropped")
            for name in things.publications:
                conn.execute(sql.SQL("DROP PUBLICATION {}").format(sql.Identifier(name)))
                say(f"{service.name}: publication {name} dropped")
    for service in removal.chosen:
        with closing(maintenance(service)) as conn:
            if removal.drop_databases:
                database = sql.Identifier(service.database)
                conn.execute(sql.SQL("DROP DATABASE {}").format(database))
                say(f"{service.name}: database {service.database} dropped")
            subscriber.take_back(conn)
    return [
        f"{name} could not be reached; when it is back, drop in its database"
        f" {', '.join(_between(removal.topology.services[name], removal.chosen).all())}"
        f" ({why})"
        for name, why in removal.away.items()
    ]


@dataclass(frozen=True)
class _Things:
    """What a database has, or could have, for others."""

    subscriptions: list[str]
    slots: list[str]
    publications: list[str]

    def all(self) -> list[str]:
        """Return them with what they are."""
        kinds = {
            "subscription": self.subscriptions,
            "slot": self.slots,
            "publication": self.publications,
        }
        return [f"{kind} {name}" for kind, names in kinds.items() for name in names]


def _between(service: Service, others: list[Service]) -> _Things:
    """Return what a service's database may have for or from some others."""
    names = (subscription, identity_subscription)
    return _Things(
        [name(other, service) for other in others for name in names],
        [name(service, other) for other in others for name in names],
        [publication(other) for other in others],
    )


def _things(conn: Connection, service: Service, others: list[Service] | None) -> _Things:
    """Return what a service's database has of ours; for or from some others, or None = all."""
    there = _Things(replicate.subscriptions(conn), list(replicate.slots(conn)), publications(conn))
    if others is None:
        return there
    ours = _between(service, others)
    return _Things(
        [name for name in there.subscriptions if name in ours.subscriptions],
        [name for name in there.slots if name in ours.slots],
        [name for name in there.publications if name in ours.publications],
    )


def _reach(service: Service) -> bool | str:
    """Return whether a service's database is there, or why nobody knows."""
    try:
        open_service(service).close()
    except PgerpError as error:
        # The server answers that there is no such database.
        return False if error.sqlstate == "3D000" else str(error)
    return True


def _refuse_drop(conn: Connection, service: Service) -> None:
    """Refuse to drop a database that is not the service's, or that somebody uses."""
    where = f"database {service.database}"
    if not content(conn).is_of(service):
        raise PgerpError(
            f"the database is not that of service {service.name}",
            where=where,
            detail="Nothing was done.",
            hint="Correct the topology, or leave --drop-databases out.",
        )
    end = time.monotonic() + PATIENCE_S
    while found := conn.execute(_IN_THE_WAY.encode()).fetchall():
        if time.monotonic() > end:
            raise PgerpError(
                "something is in the way of dropping the database",
                where=where,
                detail=f"It is {', '.join(what for (what,) in found)}. Nothing was done.",
                hint="End it: stop pgerp services worker and applications first.",
            )
        time.sleep(0.1)
