"""The test harness: one server a run, one template database, a clone for each worker.

The controlling process (the only one, without xdist) starts the server and builds the template
with the runner itself; workers clone it. Fixtures for tests: `db`, `clone`, `empty_database`,
`database_url`, `server`, `pg_bin`, `server_directory`.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import hypothesis
import psycopg
import pytest
from pytest_postgresql.janitor import DatabaseJanitor

from pgerp.db import connect, parse_url
from pgerp.errors import PgerpError
from tests.servers import Server, Unavailable, start
from tests.watchdog import watch

ROOT = Path(__file__).resolve().parent.parent
TEMPLATE = "pgerp_template"

hypothesis.settings.register_profile("pgerp", deadline=None, database=None, print_blob=True)
hypothesis.settings.load_profile("pgerp")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--pg",
        default="embedded",
        metavar="SERVER",
        help="embedded (18), embedded16, system, docker, or the URL of a superuser",
    )


class Harness:
    """The server and the template of one run; started when first needed.

    What went wrong is kept: tests that need the server are skipped or fail with that reason, the
    others run.
    """

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.server: Server | None = None
        self.absent = ""
        self.failed = ""
        self.broken = ""
        self._built = False
        self.scratch = Path(tempfile.mkdtemp(prefix="pgerp-test-", dir="/tmp"))
        # Root's servers run as other users, who must pass through.
        self.scratch.chmod(0o755 if os.geteuid() == 0 else 0o700)
        self._watchdog = watch(self.scratch)
        self._stop: Callable[[], None] = lambda: None

    def start(self) -> Harness:
        """Start the server, once."""
        if self.server is None and not self.absent and not self.failed:
            try:
                self.server, self._stop = start(self.kind, self.scratch)
            except Unavailable as error:
                self.absent = f"--pg {self.kind}: {error}"
            except PgerpError as error:
                self.failed = f"--pg {self.kind}: {error}"
        return self

    def build(self) -> Harness:
        """Build the template database, once."""
        server = self.start().server
        if server is not None and not self._built:
            self._built = True
            janitor(server, TEMPLATE).drop()
            janitor(server, TEMPLATE).init()
            self.broken = build_template(server.database(TEMPLATE))
            with connect(server.url) as conn:
                conn.execute(f"ALTER DATABASE {TEMPLATE} WITH ALLOW_CONNECTIONS false")
        return self

    def facts(self) -> dict[str, object]:
        server = None if self.server is None else asdict(self.server)
        return {
            "server": server,
            "absent": self.absent,
            "failed": self.failed,
            "broken": self.broken,
        }

    def close(self) -> None:
        if self.server is not None and self.server.kind == "URL":
            janitor(self.server, TEMPLATE).drop()
        self._stop()
        assert self._watchdog.stdin is not None
        self._watchdog.stdin.close()
        self._watchdog.wait()


def build_template(url: str) -> str:
    """Migrate, seed and maintain a fresh database by the runner; return what went wrong, or ''."""
    for words in (["up"], ["seed", "reference"], ["maintain"]):
        run = subprocess.run(
            [sys.executable, str(ROOT / "migrate.py"), "--database-url", url, *words],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if run.returncode != 0:
            return f"migrate.py {' '.join(words)} failed: {run.stderr or run.stdout}"
    return ""


def janitor(server: Server, name: str, template: str | None = None) -> DatabaseJanitor:
    """Return what creates and drops one database of the test server."""
    where = parse_url(server.url)
    return DatabaseJanitor(
        user=where.get("user", "postgres"),
        password=where.get("password"),
        host=where.get("host", ""),
        port=where.get("port", "5432"),
        maintenance_dbname=where.get("dbname", "postgres"),
        connection_timeout=10,
        dbname=name,
        template_dbname=template,
    )


def pytest_configure(config: pytest.Config) -> None:
    # A developer's own database is no business of the tests; PGERP_TEST_SEED and its like are.
    for name in [name for name in os.environ if name.startswith(("PGERP_", "DB_"))]:
        if not name.startswith("PGERP_TEST_"):
            del os.environ[name]
    # Shells have what they start in the background ignore it, and so would all that tests start.
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if not hasattr(config, "workerinput") and not config.option.collectonly:
        config.stash[HARNESS] = Harness(config.option.pg)


def pytest_sessionstart(session: pytest.Session) -> None:
    # With xdist only the controller can share; alone, the first test that needs it starts it.
    if HARNESS in session.config.stash and session.config.getoption("numprocesses", None):
        session.config.stash[HARNESS].build()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: object) -> None:
    node.workerinput["pgerp"] = json.dumps(node.config.stash[HARNESS].facts())  # type: ignore[attr-defined]
    node.workerinput["scratch"] = str(node.config.stash[HARNESS].scratch)  # type: ignore[attr-defined]


def pytest_unconfigure(config: pytest.Config) -> None:
    if HARNESS in config.stash:
        config.stash[HARNESS].close()


HARNESS = pytest.StashKey[Harness]()


def _facts(config: pytest.Config) -> dict[str, object]:
    if HARNESS in config.stash:
        return config.stash[HARNESS].start().facts()
    return json.loads(config.workerinput["pgerp"])  # type: ignore[attr-defined,no-any-return]


@pytest.fixture(scope="session")
def scratch(pytestconfig: pytest.Config) -> Path:
    """The run's folder under /tmp; servers with data in <scratch>/*/data are ended with the run."""
    if HARNESS in pytestconfig.stash:
        return pytestconfig.stash[HARNESS].scratch
    return Path(pytestconfig.workerinput["scratch"])  # type: ignore[attr-defined]


@pytest.fixture(scope="session")
def server(pytestconfig: pytest.Config) -> Server:
    """The server that --pg chose; the test is skipped where the machine does not have it."""
    facts = _facts(pytestconfig)
    if facts["absent"]:
        pytest.skip(str(facts["absent"]))
    if facts["failed"]:
        pytest.fail(str(facts["failed"]), pytrace=False)
    return Server(**facts["server"])  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def pg_bin(server: Server) -> Path:
    """The folder with psql, pg_dump and the other programs."""
    return Path(server.bin)


@pytest.fixture(scope="session")
def new_database(
    server: Server, worker_id: str
) -> Callable[[str | None], contextlib.AbstractContextManager[str]]:
    """Make a database from a template, or an empty one; it is dropped when its context ends."""
    numbers = itertools.count(1)

    @contextlib.contextmanager
    def make(template: str | None) -> Iterator[str]:
        name = f"pgerp_test_{os.getpid()}_{worker_id}_{next(numbers)}"
        with janitor(server, name, template):
            yield server.database(name)

    return make


@pytest.fixture(scope="session")
def template(pytestconfig: pytest.Config, server: Server) -> str:
    """The name of the migrated and seeded template database."""
    if HARNESS in pytestconfig.stash:
        pytestconfig.stash[HARNESS].build()
    if broken := _facts(pytestconfig)["broken"]:
        pytest.fail(f"the template database could not be built: {broken}", pytrace=False)
    return TEMPLATE


@pytest.fixture(scope="session")
def database_url(
    new_database: Callable[[str | None], contextlib.AbstractContextManager[str]], template: str
) -> Iterator[str]:
    """The worker's own clone. Leave it as it was: `db` rolls back; to commit, take `clone`."""
    with new_database(template) as url:
        yield url


@pytest.fixture
def db(database_url: str) -> Iterator[psycopg.Connection]:
    """A superuser's session on the worker's clone, in a transaction that is rolled back."""
    conn = connect(database_url, autocommit=False)
    try:
        yield conn
    finally:
        conn.close()


@pytest.fixture
def clone(
    new_database: Callable[[str | None], contextlib.AbstractContextManager[str]], template: str
) -> Iterator[str]:
    """The URL of a fresh migrated database, for tests that commit or use several sessions."""
    with new_database(template) as url:
        yield url


@pytest.fixture
def empty_database(
    new_database: Callable[[str | None], contextlib.AbstractContextManager[str]],
) -> Iterator[str]:
    """The URL of a fresh database with nothing in it."""
    with new_database(None) as url:
        yield url


@pytest.fixture
def server_directory(scratch: Path, worker_id: str, tmp_path: Path) -> Path:
    """A folder that does not exist yet, for an embedded server that the test itself starts."""
    return scratch / f"{worker_id}-{tmp_path.name}"
