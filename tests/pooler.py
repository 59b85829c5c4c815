"""A PgBouncer between the tests and their server: in transaction mode, with few connections."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pgerp.config import build_url
from pgerp.db import connect, parse_url
from pgerp.errors import PgerpError
from pgerp.hostuser import HostUser
from tests.servers import Unavailable, system_user

PORT = 6432
# The pipe closes when the test run ends, however it ends; TERM has PgBouncer end at once.
_LEASH = '"$1" -q "$2" </dev/null & read -r _; kill -TERM $!; wait'


@dataclass(frozen=True)
class Pooler:
    """A running PgBouncer.

    Attributes:
        folder: Its folder, with its socket.
        server: Address of the database behind it.
    """

    folder: Path
    server: str

    def url(self, user: str | None = None, **more: str) -> str:
        """Return the address of the database through it, as a login of its user list."""
        where = {**parse_url(self.server), "host": str(self.folder), "port": str(PORT)}
        where.pop("password", None)
        return build_url({**where, **({"user": user} if user else {}), **more})


def find_program() -> str:
    """Return where PgBouncer is.

    Raises:
        Unavailable: It is not installed.
    """
    found = shutil.which("pgbouncer", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
    if found is None:
        raise Unavailable("pgbouncer is not installed")
    return found


@contextlib.contextmanager
def pooling(
    folder: Path, server: str, logins: dict[str, str], size: int, **settings: str
) -> Iterator[Pooler]:
    """Run a PgBouncer in transaction mode until the block ends.

    Args:
        folder: Made by this call; short, since a socket's path is at most 107 bytes.
        server: Address of a database.
        logins: Who may pass, with their passwords on the server; the address's own besides.
        size: Connections to the server, for each login.
        settings: More settings of PgBouncer.

    Raises:
        Unavailable: It is not installed, or we are root and there is no user for it.
    """
    program = find_program()
    where = parse_url(server)
    user = _user(where.get("host", ""))
    folder.mkdir(mode=0o755)
    folder.chmod(0o755)
    target = {"host": where.get("host", "localhost"), "port": where.get("port", "5432")}
    configured = {
        "unix_socket_dir": str(folder),
        "listen_port": str(PORT),
        "auth_type": "trust",
        "auth_file": str(folder / "users"),
        "pool_mode": "transaction",
        "default_pool_size": str(size),
        "query_wait_timeout": "60",
        **settings,
    }
    lines = ["[databases]", "* = " + " ".join("=".join(item) for item in target.items())]
    lines += ["[pgbouncer]", *(" = ".join(item) for item in configured.items())]
    users = {where.get("user", "postgres"): where.get("password", ""), **logins}
    texts = {
        "pgbouncer.ini": "\n".join([*lines, ""]),
        "users": "".join(f'"{name}" "{password}"\n' for name, password in users.items()),
    }
    for name, text in texts.items():
        (folder / name).write_text(text)
        (folder / name).chmod(0o644)
    user.own(folder)
    with (folder.parent / f"{folder.name}.log").open("wb") as log:
        process = subprocess.Popen(
            ["/bin/sh", "-c", _LEASH, "sh", program, str(folder / "pgbouncer.ini")],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            user=user.uid,
            group=user.gid,
            extra_groups=None if user.uid is None else [],
            cwd="/",
            start_new_session=True,
        )
    pooler = Pooler(folder, server)
    try:
        _wait(pooler)
        yield pooler
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.wait(20)
        shutil.rmtree(folder)


def _user(host: str) -> HostUser:
    """Return whom it can run as: not root, and somebody who can reach the server's socket."""
    if os.geteuid() == 0 and host.startswith("/"):
        owner = Path(host).stat()
        return HostUser(owner.st_uid, owner.st_gid)
    return system_user()


def _wait(pooler: Pooler) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            connect(pooler.url()).close()
        except PgerpError:
            assert time.monotonic() < deadline, "PgBouncer does not answer"
            time.sleep(0.02)
        else:
            return
