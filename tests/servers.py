"""The servers that tests run against: started in a scratch folder, never durable, never shared.

`--pg` chooses one: `embedded` (18), `embedded16`, `system` (Debian's newest, as OS user postgres
when root runs the tests), `docker` (testcontainers), or the URL of a server where the role may
create databases and roles.
"""

from __future__ import annotations

import os
import pwd
import re
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from pgerp import datadir, postmaster
from pgerp.config import build_url, check_url
from pgerp.db import connect, parse_url
from pgerp.hostuser import HostUser
from pgerp.server import NOT_DURABLE, EmbeddedServer

KINDS = ("embedded", "embedded16", "system", "docker")
DOCKER_IMAGE = "postgres:17"
SYSTEM_ROOT = Path("/usr/lib/postgresql")


class Unavailable(Exception):
    """This machine does not have the server; the text says why."""


@dataclass(frozen=True)
class Server:
    """A running test server.

    Attributes:
        kind: The value of --pg, `URL` for an address.
        version: Major version.
        url: Address of its maintenance database, as a superuser.
        bin: Folder with client programs that are not older than the server.
    """

    kind: str
    version: int
    url: str
    bin: str

    def database(self, name: str) -> str:
        """Return the address of one of its databases."""
        return build_url({**parse_url(self.url), "dbname": name})


def start(kind: str, scratch: Path) -> tuple[Server, Callable[[], None]]:
    """Start a server.

    Args:
        kind: The value of --pg.
        scratch: A folder of the test session; servers below it are ended by the watchdog.

    Returns:
        The server, and what ends it if the watchdog does not.

    Raises:
        Unavailable: The machine does not have it.
        PgerpError: It does not start, or nothing answers at the URL.
    """
    if kind in ("embedded", "embedded16"):
        embedded = EmbeddedServer(scratch / kind, 16 if kind == "embedded16" else 18, durable=False)
        embedded.start()
        return _describe(kind, embedded.url("postgres"), embedded.binary("psql").parent)
    if kind == "system":
        programs = system_programs()
        return _describe(kind, start_system(scratch / kind, programs), programs)
    if kind == "docker":
        return _start_docker()
    return _describe("URL", check_url(kind, "--pg"))


def _describe(
    kind: str, url: str, programs: Path | None = None
) -> tuple[Server, Callable[[], None]]:
    with connect(url) as conn:
        version = conn.info.server_version // 10000
        if kind != "URL":
            # What waits only briefly for a lock must not depend on when autovacuum comes by.
            conn.execute("ALTER SYSTEM SET autovacuum = off")
            conn.execute("SELECT pg_reload_conf()")
    if programs is None:
        programs = EmbeddedServer(Path("unused"), 18).binary("psql").parent
    return Server(kind, version, url, str(programs)), lambda: None


def _start_docker() -> tuple[Server, Callable[[], None]]:
    check_engine()
    from testcontainers.community.postgres import PostgresContainer

    container = PostgresContainer(DOCKER_IMAGE, driver=None)
    container.with_command("postgres -c wal_level=logical -c fsync=off")
    container.start()
    server, _ = _describe("docker", container.get_connection_url())
    return server, container.stop


def check_engine() -> None:
    """Find out whether a container engine answers.

    Raises:
        Unavailable: None does.
    """
    engine = urlsplit(os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock"))
    try:
        if engine.scheme == "unix":
            with socket.socket(socket.AF_UNIX) as probe:
                probe.connect(engine.path)
        else:
            socket.create_connection((engine.hostname, engine.port), timeout=5).close()
    except OSError as error:
        raise Unavailable(f"no container engine answers at {engine.geturl()}: {error}") from error


def system_programs() -> Path:
    """Return the folder with the newest of Debian's PostgreSQL servers.

    Raises:
        Unavailable: There is none.
    """
    found = [path for path in SYSTEM_ROOT.glob("*/bin") if (path / "initdb").exists()]
    if not found:
        raise Unavailable(f"no server in {SYSTEM_ROOT}")
    return max(found, key=lambda path: int(re.sub(r"\D", "", path.parent.name) or 0))


class SystemServer:
    """One of Debian's servers with its own folder; initdb gets only options that 15 knows.

    Args:
        folder: Where its data go; made by the first start.
        programs: The folder with its programs; the newest server's unless given.
        settings: More server settings.
    """

    def __init__(self, folder: Path, programs: Path | None = None, **settings: str) -> None:
        self.folder = folder
        self.data = folder / "data"
        self._programs = programs or system_programs()
        self._settings = settings

    def start(self) -> str:
        """Make and start it, unless it runs.

        Returns:
            The address of its maintenance database.

        Raises:
            Unavailable: We are root, and there is no OS user postgres.
        """
        user = system_user()
        sockets = self.folder / "socket"
        if not self.folder.exists():
            for path in (self.folder, sockets):
                path.mkdir()
                user.own(path)
            initdb: list[str | Path] = [
                self._programs / "initdb",
                "-D",
                self.data,
                "-U",
                "postgres",
            ]
            initdb += ["-U", "postgres", "--auth=trust", "--encoding=UTF8", "--no-sync"]
            code, said = user.run([*initdb, "--locale=C", "--lc-ctype=C.UTF-8"])
            assert code == 0, said
        if postmaster.find(self.data) is None:
            options = {"listen_addresses": "", **datadir.SETTINGS, **NOT_DURABLE, **self._settings}
            words = [word for item in options.items() for word in ("-c", "=".join(item))]
            program, log = self._programs / "postgres", self.folder / "log"
            postmaster.launch(self.data, program, sockets, words, log, user)
        return build_url({"user": "postgres", "host": str(sockets), "dbname": "postgres"})

    def stop(self) -> None:
        """Stop it, if it runs."""
        assert postmaster.stop(self.data) is None


def start_system(folder: Path, programs: Path, **settings: str) -> str:
    """Make and start one of Debian's servers; return the address of its maintenance database."""
    return SystemServer(folder, programs, **settings).start()


def system_user() -> HostUser:
    """Return the OS user that Debian's server runs as.

    Raises:
        Unavailable: We are root, and there is no OS user postgres.
    """
    if os.geteuid() != 0:
        return HostUser()
    try:
        entry = pwd.getpwnam("postgres")
    except KeyError as error:
        raise Unavailable("root needs the OS user postgres for Debian's server") from error
    return HostUser(entry.pw_uid, entry.pw_gid)


def main() -> None:
    """Print the values of --pg that this machine can serve, for `make test-all`."""
    for kind in KINDS:
        try:
            {"system": _check_system, "docker": check_engine}.get(kind, lambda: None)()
        except Unavailable as error:
            sys.stderr.write(f"not tested: --pg {kind}: {error}\n")
        else:
            sys.stdout.write(f"{kind}\n")


def _check_system() -> None:
    system_programs()
    system_user()


if __name__ == "__main__":
    main()
