"""The command line: quick, helpful, one paragraph for an error, and exit codes that can be used."""

from __future__ import annotations

import importlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import click
import psycopg
import pytest
from click.testing import CliRunner, Result

import pgerp.server
from pgerp import __version__, cli, postmaster
from pgerp.db import connect
from pgerp.errors import PgerpError
from pgerp.server import EmbeddedServer

ROOT = Path(__file__).resolve().parents[2]
MIGRATE = [sys.executable, str(ROOT / "migrate.py")]


def invoke(*words: str) -> Result:
    return CliRunner().invoke(cli.main, words)


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], Result]:
    """Run a made-up command that does what the function does."""

    def run(act: Callable[[], object]) -> Result:
        command = click.Command("made-up", callback=act)
        monkeypatch.setattr(cli.LazyGroup, "get_command", lambda *_: command)
        return invoke("made-up")

    return run


def test_every_command_has_help_that_names_its_options() -> None:
    for name in cli.COMMANDS:
        told = invoke(name, "--help")
        assert told.exit_code == 0, f"{name}: {told.output}"
        module = importlib.import_module(f"pgerp.cli.{cli.COMMANDS[name][0]}")
        for parameter in module.command.params:
            if isinstance(parameter, click.Option):
                assert parameter.opts[0] in told.output, f"{name} {parameter.opts[0]}"
                assert parameter.help, f"{name} {parameter.opts[0]} is not explained"


def test_the_help_lists_every_command_module() -> None:
    told = invoke("--help")
    assert told.exit_code == 0
    modules = {module for module, _ in cli.COMMANDS.values()}
    for path in (ROOT / "pgerp" / "cli").glob("*.py"):
        if "command: click.Command" in (text := path.read_text()) or "\ndef command(" in text:
            assert path.stem in modules, f"{path.name} is in no table"
    for name in cli.COMMANDS:
        assert f"\n  {name} " in told.output


def test_help_imports_neither_the_commands_nor_the_driver() -> None:
    program = (
        "import sys; from pgerp.cli import main\n"
        "try: main(['--help'])\n"
        "finally: print(*sys.modules)"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    )
    loaded = set(run.stdout.split())
    assert "pgerp.cli" in loaded
    assert not {"psycopg", "rich", "yoyo", "pgerp.server", "pgerp.cli.up"} & loaded


def test_an_unknown_command_or_option_is_a_usage_error() -> None:
    assert invoke("no-such-command").exit_code == 2
    assert invoke("--no-such-option", "status").exit_code == 2
    assert invoke("status", "--no-such-option").exit_code == 2


def test_a_checkout_and_the_installed_program_are_the_same(tmp_path: Path) -> None:
    installed = Path(sys.executable).with_name("pgerp")
    for program in ([str(installed)], MIGRATE):
        run = subprocess.run(
            [*program, "--version"], capture_output=True, text=True, check=True, cwd=tmp_path
        )
        assert run.stdout.split()[-1] == __version__


def test_a_known_error_is_one_paragraph_on_stderr(
    failing: Callable[[Callable[[], object]], Result],
) -> None:
    error = PgerpError("it broke", where="a.sql:3", sqlstate="42P01", hint="Mend it.")

    def fail() -> None:
        raise error

    told = failing(fail)
    assert told.exit_code == 2
    assert told.stdout == ""
    assert told.stderr == f"error: {error}\n"


def test_an_error_of_the_database_is_one_paragraph_too(
    failing: Callable[[Callable[[], object]], Result], empty_database: str
) -> None:
    def fail() -> None:
        with connect(empty_database) as conn:
            conn.execute("SELECT 1 FROM nowhere")

    told = failing(fail)
    assert told.exit_code == 2
    assert "42P01" in told.stderr
    assert told.stderr.count("\n") == 1


def test_a_bug_is_not_hidden(failing: Callable[[Callable[[], object]], Result]) -> None:
    told = failing(lambda: 1 / 0)
    assert isinstance(told.exception, ZeroDivisionError)


@pytest.mark.parametrize(
    ("raised", "code"),
    [
        (click.UsageError("x"), 2),
        (click.ClickException("x"), 2),
        (click.Abort(), 2),
        (KeyboardInterrupt(), 130),
        (psycopg.OperationalError("the connection is lost"), 2),
        (SystemExit(1), 1),
    ],
)
def test_what_ends_a_command_decides_the_exit_code(
    failing: Callable[[Callable[[], object]], Result], raised: BaseException, code: int
) -> None:
    def fail() -> None:
        raise raised

    assert failing(fail).exit_code == code


@pytest.mark.parametrize(("returned", "code"), [(None, 0), (0, 0), (1, 1), (2, 2), ("x", 0)])
def test_a_number_that_a_command_returns_is_the_exit_code(
    failing: Callable[[Callable[[], object]], Result], returned: object, code: int
) -> None:
    assert failing(lambda: returned).exit_code == code


def test_a_reader_that_stops_early_causes_no_traceback_and_never_means_pending_work() -> None:
    program = (
        "import click; from pgerp import cli\n"
        "act = lambda: [click.echo('x' * 1000) for _ in range(1000)]\n"
        "cli.LazyGroup.get_command = lambda *_: click.Command('x', callback=act)\n"
        "cli.main(['x'])"
    )
    pipe = '"$@" | head -c 1 >/dev/null; exit "${PIPESTATUS[0]}"'
    run = subprocess.run(
        ["bash", "-c", pipe, "bash", sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert (run.returncode, run.stderr) == (2, "")


def test_an_env_file_in_the_current_folder_is_used(tmp_path: Path, empty_database: str) -> None:
    (tmp_path / ".env").write_text(f"PGERP_DATABASE_URL='{empty_database}'\n")
    run = subprocess.run([*MIGRATE, "status"], cwd=tmp_path, capture_output=True, check=False)
    assert run.returncode == 1


def test_the_option_beats_the_env_file(tmp_path: Path, empty_database: str) -> None:
    (tmp_path / ".env").write_text("PGERP_DATABASE_URL=postgresql://127.0.0.1:1/none\n")
    assert subprocess.run([*MIGRATE, "status"], cwd=tmp_path, check=False).returncode == 2
    chosen = [*MIGRATE, "--database-url", empty_database, "status"]
    assert subprocess.run(chosen, cwd=tmp_path, check=False).returncode == 1


def test_the_server_command_starts_shows_and_stops(
    server_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pgerp.server, "home_directory", lambda: server_directory)
    embedded = EmbeddedServer(server_directory / ".pgerp" / "18")
    assert invoke("server", "url").exit_code == 2
    assert "stopped" in invoke("server", "status").stdout
    try:
        assert invoke("server", "start").exit_code == 0
        found = postmaster.find(embedded.data)
        assert found is not None
        assert str(found.pid) in invoke("server", "start").stdout
        shown = invoke("server", "url")
        assert (shown.exit_code, shown.stdout.strip()) == (0, embedded.url())
        assert f"pid {found.pid}" in invoke("server", "status").stdout
    finally:
        assert invoke("server", "stop").exit_code == 0
    assert postmaster.find(embedded.data) is None
    assert invoke("server", "stop").exit_code == 0


def test_without_an_address_the_embedded_server_is_started_and_psql_opens_it(
    server_directory: Path,
) -> None:
    program = (
        "import sys; from pathlib import Path; import pgerp.server; from pgerp.cli import main; "
        "pgerp.server.home_directory = lambda: Path(sys.argv[1]); main(sys.argv[2:])"
    )
    words = [sys.executable, "-c", program, str(server_directory)]
    clean = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
    query = ["server", "psql", "-At", "-c", "SELECT current_database(), current_user"]
    try:
        run = subprocess.run(
            [*words, *query], capture_output=True, text=True, cwd=ROOT, env=clean, check=False
        )
        assert (run.returncode, run.stdout) == (0, "pgerp|postgres\n"), run.stderr
    finally:
        EmbeddedServer(server_directory / ".pgerp" / "18").stop()


def test_ctrl_c_ends_a_waiting_command_with_130(empty_database: str) -> None:
    program = (
        "import time, click; from pgerp import cli\n"
        "act = lambda: (print('ready', flush=True), time.sleep(60))\n"
        "cli.LazyGroup.get_command = lambda *_: click.Command('x', callback=act)\n"
        "cli.main(['x'])"
    )
    run = subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert run.stdout is not None
    assert run.stdout.readline() == "ready\n"
    time.sleep(0.1)
    run.send_signal(signal.SIGINT)
    _, told = run.communicate()
    assert run.returncode == 130
    assert "Traceback" not in told
