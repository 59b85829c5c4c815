"""The servers that are measured: embedded 18 and 16, Debian's 15, or one at a URL."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from psycopg import sql

from bench.support import own_server
from pgerp import postmaster
from pgerp.config import build_url, check_url
from pgerp.db import connect, parse_url
from pgerp.server import EmbeddedServer
from tests.servers import SYSTEM_ROOT, Unavailable, start_system

DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
# The embedded server sets it to logical, which a ledger does not need by itself.
WAL_LEVEL = "replica"


@dataclass(frozen=True)
class Server:
    """A running server.

    Attributes:
        kind: The value of --server; `URL` for an address.
        url: Address of its maintenance database, as a superuser.
        pgbench: The load generator, 18's for all.
        data: Its data directory, which means that its processes can be looked at; None: remote.
        programs: The folder with pg_waldump of its version; None: remote.
    """

    kind: str
    url: str
    pgbench: Path
    data: Path | None = None
    programs: Path | None = None

    def database(self, name: str) -> str:
        """Return the address of one of its databases."""
        return build_url({**parse_url(self.url), "dbname": name})

    def describe(self) -> dict[str, str]:
        """Return its version and the settings that somebody chose."""
        with connect(self.url) as conn:
            rows = conn.execute(
                "SELECT s.name, s.setting FROM pg_settings AS s "
                "WHERE s.source IN ('configuration file', 'command line', 'global') "
                "AND s.name !~ 'director|_file|^lc_|^log_|DateStyle|default_text|TimeZone|^port' "
                "OR s.name IN ('fsync', 'full_page_writes', 'wal_level', 'data_checksums', 'jit') "
                "ORDER BY s.name"
            ).fetchall()
            version = conn.execute("SHOW server_version").fetchone()
        assert version is not None
        return {"server_version": version[0], **dict(rows)}


@contextlib.contextmanager
def start(kind: str, *, durable: bool = True) -> Iterator[Server]:
    """Start a server of a kind, stop and remove it at the end.

    Args:
        kind: 18, 16, 15 or a URL.
        durable: False for what only reads: its data are made faster.

    Raises:
        Unavailable: The machine does not have it; the text says why.
    """
    if kind in ("16", "18"):
        with own_server(int(kind), durable=durable) as embedded:
            with connect(embedded.url()) as conn:
                conn.execute(f"ALTER SYSTEM SET wal_level = {WAL_LEVEL}".encode())
            embedded.stop()
            embedded.start()
            programs = embedded.binary("pgbench").parent
            yield Server(kind, embedded.url("postgres"), _pgbench(), embedded.data, programs)
    elif kind == "15":
        with _debians(kind, durable=durable) as server:
            yield server
    else:
        yield Server("URL", check_url(kind, "--server"), _pgbench())


def _pgbench() -> Path:
    return EmbeddedServer(Path("unused"), 18).binary("pgbench")


@contextlib.contextmanager
def _debians(version: str, *, durable: bool) -> Iterator[Server]:
    programs = SYSTEM_ROOT / version / "bin"
    if not (programs / "initdb").exists():
        raise Unavailable(f"no server in {programs}")
    folder = Path(tempfile.mkdtemp(prefix="pgerp-bench-"))
    folder.chmod(0o755)
    data = folder / "server" / "data"
    settings = {**(DURABLE if durable else FAST), "wal_level": WAL_LEVEL}
    try:
        url = start_system(folder / "server", programs, **settings)
        yield Server(version, url, _pgbench(), data, programs)
    finally:
        if data.exists():
            postmaster.stop(data)
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def own_database(server: Server, name: str) -> Iterator[str]:
    """Make a database and return its address; drop it at the end."""
    identifier = sql.Identifier(name)
    with connect(server.url) as conn:
        conn.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(identifier))
        conn.execute(sql.SQL("CREATE DATABASE {}").format(identifier))
    try:
        yield server.database(name)
    finally:
        with connect(server.url) as conn:
            conn.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(identifier))
