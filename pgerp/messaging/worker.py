"""The worker that sends queued messages through a gateway; several may run at once.

A message is claimed and committed, then handed over, then noted. Whoever dies between the last
two leaves a message that was sent and is claimed again when the lease ends: at least once.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from psycopg.rows import namedtuple_row, tuple_row

from pgerp import workloop
from pgerp.encryption import Keyring, UnknownKey
from pgerp.errors import PgerpError
from pgerp.history import Connection
from pgerp.messaging.gateway import Gateway, Outgoing, Refused, Unavailable
from pgerp.workloop import Sessions

CHANNEL = "pgerp_messages"
NAME = "pgerp messages worker"
"""The application name of its sessions."""

BATCH = 20
"""Messages that are claimed at once."""

LEASE_S = 120
"""How long they are the worker's: what it has not begun to send well before, it gives back."""


@dataclass
class Tally:
    """What workers have done."""

    sent: int = 0
    failed: int = 0


class Claimed(NamedTuple):
    """A row of messaging.claim_messages."""

    message_id: object
    attempt: int
    channel: str
    phone_encrypted: str | None
    email: str | None
    subject: str | None
    body: str


def drain(
    conn: Connection, gateway: Gateway, keyring: Keyring, stop: threading.Event, total: Tally
) -> list[str]:
    """Send what is due, for every tenant, until nothing is left or `stop` is set.

    Args:
        conn: A connection in autocommit mode of a member of pgerp_worker.
        gateway: Takes the messages.
        keyring: Has the keys of phone numbers.
        stop: Ends the work after the message that is being sent; the others are given back.
        total: What is done is added to it.

    Returns:
        Why messages failed, each reason once.
    """
    reasons: dict[str, None] = {}
    with conn.cursor(row_factory=tuple_row) as cursor:
        query = "SELECT messaging.tenants_with_work()"
        tenants = [tenant for (tenant,) in cursor.execute(query)]
    for tenant in tenants:
        while not stop.is_set():
            # By our own clock, from before the server's began.
            until = time.monotonic() + LEASE_S - gateway.patience_s - 5
            messages = _claim(conn, tenant, gateway)
            if not messages:
                break
            for message in messages:
                if stop.is_set() or time.monotonic() > until:
                    conn.execute(
                        "SELECT messaging.release_message(%s, %s, %s)",
                        [tenant, message.message_id, message.attempt],
                    )
                elif reason := _send(conn, tenant, gateway, keyring, message):
                    total.failed += 1
                    reasons[reason] = None
                else:
                    total.sent += 1
    return list(reasons)


def _claim(conn: Connection, tenant: int, gateway: Gateway) -> list[Claimed]:
    with conn.cursor(row_factory=namedtuple_row) as cursor:
        cursor.execute(
            "SELECT message_id, attempt, channel::text, phone_encrypted, email, subject, body"
            " FROM messaging.claim_messages(%s, %s, %s, make_interval(secs => %s))",
            [tenant, gateway.name, BATCH, LEASE_S],
        )
        return [Claimed(*row) for row in cursor]


def _send(
    conn: Connection, tenant: int, gateway: Gateway, keyring: Keyring, message: Claimed
) -> str | None:
    """Send one message and note what became of it; return why it failed, or None."""
    failure, is_permanent = "", False
    try:
        sent_as = gateway.send(_opened(keyring, message))
    except Refused as error:
        failure, is_permanent = str(error), True
    except Unavailable as error:
        failure = str(error)
    except UnknownKey as error:
        # It comes with the present key file.
        failure = error.message
    except PgerpError as error:
        failure, is_permanent = error.message, True
    if failure:
        conn.execute(
            "SELECT messaging.note_failed(%s, %s, %s, %s, %s)",
            [tenant, message.message_id, message.attempt, failure, is_permanent],
        )
        return failure
    conn.execute(
        "SELECT messaging.note_sent(%s, %s, %s, %s)",
        [tenant, message.message_id, message.attempt, sent_as],
    )
    return None


def _opened(keyring: Keyring, message: Claimed) -> Outgoing:
    recipient = message.email
    if message.phone_encrypted is not None:
        recipient = keyring.decrypt(message.phone_encrypted)
    return Outgoing(
        str(message.message_id), message.channel, recipient or "", message.subject, message.body
    )


def run_all(
    url: str,
    gateway: Gateway,
    keyring: Keyring,
    *,
    workers: int,
    say: Callable[[str], None],
    once: bool = False,
) -> Tally:
    """Send messages of one database until SIGTERM or SIGINT, in threads of their own.

    After a signal the message that is being sent is finished, the others are given back.

    Args:
        url: Where the database is.
        gateway: Takes the messages.
        keyring: Has the keys of phone numbers.
        workers: How many threads.
        say: Called with one line when messages fail, or the database is gone.
        once: End when nothing is due.

    Raises:
        PgerpError, psycopg.Error: `once`, and the database cannot be reached or refuses.
    """
    tallies: list[Tally] = []

    def work(stop: threading.Event, sessions: Sessions) -> None:
        total = Tally()
        tallies.append(total)

        def act(conn: Connection) -> None:
            for reason in drain(conn, gateway, keyring, stop, total):
                say(f"{gateway.name}: {reason}")

        workloop.run(
            url,
            act,
            stop,
            name=NAME,
            channel=CHANNEL,
            label="messages",
            say=say,
            once=once,
            sessions=sessions,
        )

    names = [f"messages-{number}" for number in range(1 if once else workers)]
    workloop.run_threads(dict.fromkeys(names, work), max(workloop.GRACE_S, gateway.patience_s))
    return Tally(sum(one.sent for one in tallies), sum(one.failed for one in tallies))
