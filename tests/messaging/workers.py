"""A worker as operators run it, and a gateway on this machine that it posts to."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 30


class Gateway:
    """What was posted, and how it is answered.

    Attributes:
        posts: (headers, content) of each request.
        answers: (status, headers, content) of those to come; the last one stays.
        hold: Set: answers are given. Cleared: requests wait.
    """

    def __init__(self) -> None:
        self.posts: list[tuple[dict[str, str], dict[str, Any]]] = []
        self.answers: list[tuple[int, dict[str, str], bytes]] = [(200, {}, b'{"id": "g-1"}')]
        self.hold = threading.Event()
        self.hold.set()
        gateway = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                content = json.loads(self.rfile.read(length))
                gateway.posts.append((dict(self.headers), content))
                gateway.hold.wait(PATIENCE_S)
                status, headers, body = gateway.answers[0]
                if len(gateway.answers) > 1:
                    gateway.answers.pop(0)
                if status == 0:
                    self.close_connection = True
                    return
                self.send_response(status)
                for name, text in {**headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, text)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/messages"


@contextmanager
def listening() -> Iterator[Gateway]:
    """Have a gateway answer while the block runs."""
    gateway = Gateway()
    thread = threading.Thread(target=gateway.server.serve_forever, args=[0.05])
    thread.start()
    try:
        yield gateway
    finally:
        gateway.hold.set()
        gateway.server.shutdown()
        gateway.server.server_close()
        thread.join()


def words(url: str, *options: str) -> list[str]:
    """Return the command of a worker on a database."""
    program = [sys.executable, str(ROOT / "migrate.py"), "--database-url", url]
    return [*program, "messages", "worker", *options]


def once(url: str, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a worker until nothing is due."""
    return subprocess.run(
        words(url, "--once", *options),
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=PATIENCE_S,
        env={**os.environ, **environment},
        check=False,
    )


@contextmanager
def working(url: str, *options: str) -> Iterator[subprocess.Popen[str]]:
    """Have a worker run while the block does."""
    process = subprocess.Popen(
        words(url, *options),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=ROOT,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until something holds."""
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end, "it never came to be"
        time.sleep(0.02)
