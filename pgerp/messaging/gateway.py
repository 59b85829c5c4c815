"""What a gateway is: it takes a message, refuses it for good, or cannot be reached just now."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True)
class Outgoing:
    """A message to hand to a gateway.

    Attributes:
        id: Of messaging.messages; a gateway that is given it twice may send it once.
        channel: "sms" or "email".
        recipient: A phone number, or an e-mail address: plain.
        subject: Of an e-mail.
        body: The text.
    """

    id: str
    channel: str
    recipient: str = field(repr=False)
    subject: str | None = field(repr=False)
    body: str = field(repr=False)


class Refused(Exception):
    """The gateway will never take the message; says why, without what is in it."""


class Unavailable(Exception):
    """The gateway cannot take the message now; says why, without what is in it."""


class Gateway(Protocol):
    """Something that sends messages. Several threads may share one.

    Attributes:
        name: What messaging.messages calls it.
        patience_s: The longest that `send` may take, in seconds.
    """

    name: str
    patience_s: float

    def send(self, message: Outgoing) -> str:
        """Hand a message over; return what the gateway calls it.

        Raises:
            Refused: It never will be sent.
            Unavailable: It may be, later.
        """
