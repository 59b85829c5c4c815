"""`pgerp messages`: the worker that sends what is queued, and the state of the queue."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pgerp.cli import App
from pgerp.encryption import FILE_VARIABLE, KEYS_VARIABLE
from pgerp.errors import EXIT_CLEAN, EXIT_PENDING, PgerpError

if TYPE_CHECKING:
    from pgerp.encryption import Keyring
    from pgerp.messaging.gateway import Gateway

ACTIONS = ["worker", "status"]
TOKEN_VARIABLE = "PGERP_MESSAGES_TOKEN"
COLUMNS = ["channel", "queued", "due", "claimed", "expired", "failed_last_day"]


@click.command(name="messages")
@click.argument("action", type=click.Choice(ACTIONS))
@click.option(
    "--gateway",
    "name",
    type=click.Choice(["file", "http"]),
    help="worker: through what messages are sent [default: file].",
)
@click.option(
    "--file",
    "path",
    metavar="PATH",
    type=click.Path(path_type=Path),
    help="worker, gateway file: where to [default: .pgerp/messages.jsonl].",
)
@click.option("--url", metavar="URL", help="worker, gateway http: where to; https://…")
@click.option(
    "--token-file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help=f"worker, gateway http: has the bearer token [default: {TOKEN_VARIABLE}].",
)
@click.option(
    "--keys",
    "keys",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help=f"worker: the keys of phone numbers [default: {KEYS_VARIABLE} or {FILE_VARIABLE}].",
)
@click.option("--workers", type=click.IntRange(1, 32), help="worker: how many [default: 1].")
@click.option("--once", is_flag=True, help="worker: end when nothing is due.")
@click.option("--json", "as_json", is_flag=True, help="status: print one JSON object.")
@click.pass_obj
def command(
    app: App,
    action: str,
    name: str | None,
    path: Path | None,
    url: str | None,
    token_file: Path | None,
    keys: Path | None,
    workers: int | None,
    once: bool,
    as_json: bool,
) -> int:
    """Send queued messages through a gateway, or show how many wait.

    worker claims what is due, decrypts phone numbers with the keys, hands each message to the
    gateway and notes what became of it, until SIGTERM; several may run. It needs a member of
    pgerp_worker. The gateway file appends lines of JSON to a file that only its owner can read;
    http posts a JSON object for each message. Neither token nor keys are ever printed.

    status shows the queue of all tenants together; it needs a member of pgerp_monitor.

    \b
    status --json prints one object:
      state     "clean" or "pending"
      channels  list of {channel, queued, due, claimed, expired, failed_last_day,
                oldest_due_seconds}
      workers   sessions of pgerp messages worker

    Exit codes: 0 done or nothing is due, 1 messages are due (status only), 2 something is wrong.
    """
    given = {
        "--gateway": name,
        "--file": path,
        "--url": url,
        "--token-file": token_file,
        "--keys": keys,
        "--workers": workers,
        "--once": once or None,
    }
    if action == "status":
        misplaced = [option for option, item in given.items() if item is not None]
        if misplaced:
            raise click.UsageError(f"{misplaced[0]} is for worker.")
        return _status(app, as_json)
    if as_json:
        raise click.UsageError("--json is for status.")
    gateway = _gateway(app, name or "file", path, url, token_file)
    keyring = _keyring(app, keys)
    from pgerp.messaging.worker import run_all

    total = run_all(app.url(), gateway, keyring, workers=workers or 1, say=click.echo, once=once)
    click.echo(f"{total.sent} sent, {total.failed} failed")
    return EXIT_CLEAN


def _gateway(
    app: App, name: str, path: Path | None, url: str | None, token_file: Path | None
) -> Gateway:
    if name == "file":
        if url or token_file:
            raise click.UsageError("--url and --token-file are for --gateway http.")
        from pgerp.config import home_directory
        from pgerp.messaging.filegateway import FileGateway

        if path is None:
            folder = home_directory() / ".pgerp"
            folder.mkdir(mode=0o700, exist_ok=True)
            path = folder / "messages.jsonl"
        return FileGateway(path)
    if path is not None:
        raise click.UsageError("--file is for --gateway file.")
    if not url:
        raise click.UsageError("--gateway http needs --url.")
    from pgerp.messaging.httpgateway import HttpGateway

    return HttpGateway(url, _token(app, token_file))


def _token(app: App, file: Path | None) -> str | None:
    from pgerp.config import read_env

    if file is not None:
        from pgerp.secretfile import read_private

        text = read_private(
            file,
            "token file",
            missing="Write the gateway's token into it.",
            exposed="have the gateway make a new token",
        )
        return text.strip()
    named = os.environ.get(TOKEN_VARIABLE)
    return named or read_env(app.settings_folder() / ".env").get(TOKEN_VARIABLE)


def _keyring(app: App, file: Path | None) -> Keyring:
    from pgerp.cli.encryption import key_file
    from pgerp.encryption import Keyring

    if file is None and os.environ.get(KEYS_VARIABLE):
        return Keyring.from_environment()
    return Keyring.load(key_file(app, file))


def _status(app: App, as_json: bool) -> int:
    from psycopg.rows import dict_row, tuple_row

    from pgerp.messaging.worker import NAME

    with app.connect() as conn:
        with conn.cursor(row_factory=tuple_row) as cursor:
            there = cursor.execute("SELECT to_regclass('messaging.queue_status')").fetchone()
        if there is None or there[0] is None:
            raise PgerpError(
                "the database has no module messaging",
                where=f"database {conn.info.dbname}",
                hint="pgerp up makes it; a database of some modules needs it among --modules.",
            )
        with conn.cursor(row_factory=dict_row) as rows:
            channels = rows.execute(
                "SELECT channel::text, queued, due, claimed, expired, failed_last_day,"
                " oldest_due_seconds::float FROM messaging.queue_status"
            ).fetchall()
            workers = len(
                rows.execute(
                    "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
                    " AND application_name = %s",
                    [NAME],
                ).fetchall()
            )
    is_pending = any(one["due"] or one["expired"] for one in channels)
    if as_json:
        state = "pending" if is_pending else "clean"
        document = {"state": state, "channels": channels, "workers": workers}
        click.echo(json.dumps(document, indent=2))
    else:
        _print(channels, workers)
    return EXIT_PENDING if is_pending else EXIT_CLEAN


def _print(channels: list[dict[str, Any]], workers: int) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for column in [*COLUMNS, "oldest due"]:
        table.add_column(column.replace("_", " "), no_wrap=True)
    for one in channels:
        age = one["oldest_due_seconds"]
        waiting = "" if age is None else f"{age:.0f} s"
        table.add_row(*(str(one[column]) for column in COLUMNS), waiting)
    # A pipe has no width.
    Console(width=None if sys.stdout.isatty() else 200).print(table)
    click.echo(f"{workers} workers")
