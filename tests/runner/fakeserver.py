"""A server that only speaks the first messages of PostgreSQL's protocol, as a test tells it to."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Iterator

_SSL_REQUEST = 80877103
_GSS_REQUEST = 80877104


def error(sqlstate: str, text: str) -> bytes:
    """Return an ErrorResponse: FATAL, with this code and text."""
    fields = b"SFATAL\0VFATAL\0C" + sqlstate.encode() + b"\0M" + text.encode() + b"\0\0"
    return b"E" + struct.pack("!I", len(fields) + 4) + fields


def welcome(version: str) -> bytes:
    """Return what a server of this version says when it lets a session in."""
    answer = b"R" + struct.pack("!II", 8, 0)
    settings = {"server_version": version, "client_encoding": "UTF8", "server_encoding": "UTF8"}
    for name, value in settings.items():
        text = f"{name}\0{value}\0".encode()
        answer += b"S" + struct.pack("!I", len(text) + 4) + text
    return answer + b"Z" + struct.pack("!I", 5) + b"I"


@contextlib.contextmanager
def fake_server(answer: bytes | None) -> Iterator[str]:
    """Serve on the loopback address; yield the URL.

    Args:
        answer: What every session is told after its start-up packet; None = nothing, ever.
    """
    done = threading.Event()

    def converse(client: socket.socket) -> None:
        with client:
            while packet := client.recv(4096):
                code = struct.unpack("!I", packet[4:8])[0]
                if code in (_SSL_REQUEST, _GSS_REQUEST):
                    client.sendall(b"N")
                    continue
                if answer is None:
                    done.wait()
                    return
                client.sendall(answer)
                client.recv(4096)
                return

    def serve() -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                client, _ = listener.accept()
                threading.Thread(target=converse, args=[client], daemon=True).start()
            if done.is_set():
                return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.05)
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield f"postgresql://u:s3cr3t@127.0.0.1:{listener.getsockname()[1]}/d"
        finally:
            done.set()
            thread.join()
