"""The gateway `http`: each message is a POST with a JSON object."""

from __future__ import annotations

import http.client
import json
import ssl
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

from pgerp.errors import PgerpError
from pgerp.messaging.gateway import Outgoing, Refused, Unavailable

LONGEST_ANSWER = 65536
"""Bytes of an answer that are read."""

AGAIN = {408, 425, 429}
"""Answers of the class 4xx that say: later."""

_HERE = {"127.0.0.1", "::1", "localhost"}


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect would take the token, and the message, to somebody else."""

    def redirect_request(self, *_args: Any, **_options: Any) -> None:
        return None


class HttpGateway:
    """Posts messages to a URL, with a bearer token.

    The object has id, channel, to, subject and body; the header Idempotency-Key has the id too. An
    answer 2xx takes the message; if it is a JSON object with a text "id", that is what the gateway
    calls it. 408, 425, 429, 5xx and no answer mean later; everything else, never.

    Args:
        url: https://…, or http:// on this machine.
        token: The bearer token; None sends none.
        timeout_s: How long to wait for the connection, and for each part of the answer.

    Raises:
        PgerpError: The URL is none of those, or the token cannot be sent in a header.
    """

    name = "http"

    def __init__(self, url: str, token: str | None = None, timeout_s: float = 10.0) -> None:
        parts = urllib.parse.urlsplit(url)
        is_here = parts.hostname in _HERE
        if not parts.hostname or not (
            parts.scheme == "https" or (parts.scheme == "http" and is_here)
        ):
            raise PgerpError(
                "the gateway's address is not https://…",
                where=f"{parts.scheme}://{parts.hostname or ''}",
                hint="http:// is for gateways on this machine only.",
            )
        if token is not None and (not token.isascii() or not token.isprintable() or " " in token):
            raise PgerpError(
                "the gateway's token has characters that no header holds",
                hint="Give the token alone, without Bearer.",
            )
        self._url = url
        self._headers = {"Content-Type": "application/json", "User-Agent": "pgerp"}
        if token is not None:
            self._headers["Authorization"] = f"Bearer {token}"
        self._timeout_s = timeout_s
        self.patience_s = 2 * timeout_s
        handlers: list[urllib.request.BaseHandler] = [
            _NoRedirect(),
            urllib.request.HTTPSHandler(context=ssl.create_default_context()),
        ]
        if is_here:
            handlers.append(urllib.request.ProxyHandler({}))
        self._opener = urllib.request.build_opener(*handlers)

    def __repr__(self) -> str:
        return "HttpGateway()"

    def send(self, message: Outgoing) -> str:
        """Post a message; return the id of the answer, or else its own.

        Raises:
            Refused: The answer says that it will not be taken.
            Unavailable: There is no answer, or one that says later.
        """
        content = {
            "id": message.id,
            "channel": message.channel,
            "to": message.recipient,
            "subject": message.subject,
            "body": message.body,
        }
        request = urllib.request.Request(
            self._url,
            data=json.dumps(content).encode(),
            headers={**self._headers, "Idempotency-Key": message.id},
            method="POST",
        )
        try:
            with self._opener.open(request, timeout=self._timeout_s) as answer:
                return _id_in(answer.read(LONGEST_ANSWER)) or message.id
        except urllib.error.HTTPError as error:
            # What the answer says may quote the message.
            error.close()
            said = f"the gateway answered {error.code}"
            if error.code >= 500 or error.code in AGAIN:
                raise Unavailable(said) from None
            raise Refused(said) from None
        except urllib.error.URLError as error:
            raise Unavailable(f"the gateway cannot be reached: {_reason(error.reason)}") from None
        except (OSError, http.client.HTTPException) as error:
            raise Unavailable(f"the gateway did not answer: {_reason(error)}") from None


def _reason(error: object) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not valid: {error.verify_message}"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return type(error).__name__


def _id_in(answer: bytes) -> str | None:
    """Return the "id" of a JSON object, if it fits the column."""
    try:
        document = json.loads(answer)
    except (ValueError, RecursionError):
        return None
    found = document.get("id") if isinstance(document, dict) else None
    if isinstance(found, int) and not isinstance(found, bool):
        found = str(found)
    if not isinstance(found, str) or not found.isprintable() or found != found.strip():
        return None
    return found if 0 < len(found) <= 200 else None
