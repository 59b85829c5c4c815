"""`pgerp server`: the embedded PostgreSQL, by hand."""

from __future__ import annotations

import os

import click

from pgerp.errors import EXIT_BROKEN
from pgerp.server import EmbeddedServer, default_server


@click.group(name="server")
@click.option(
    "--pg",
    "version",
    type=click.Choice(["16", "18"]),
    default="18",
    show_default=True,
    help="Major version; each has its own folder in .pgerp/.",
)
@click.pass_context
def command(ctx: click.Context, version: str) -> None:
    """Start, stop or look at the embedded PostgreSQL.

    It lives in .pgerp/ of the checkout (of the current directory when pgerp is installed as a
    package), listens on a Unix socket only that its own user and root can reach, and goes on
    running until it is stopped.
    """
    ctx.obj = default_server(int(version))


@command.command()
@click.pass_obj
def start(server: EmbeddedServer) -> None:
    """Start the server; makes its data directory and the database pgerp when missing."""
    server.start()
    status = server.status()
    click.echo(f"PostgreSQL {status.version} runs with pid {status.pid} in {status.directory}")


@command.command()
@click.pass_obj
def stop(server: EmbeddedServer) -> None:
    """Stop the server: sessions are cut, what was committed stays."""
    was = server.status()
    server.stop()
    click.echo(f"stopped pid {was.pid}" if was.pid else "the server was not running")


@command.command()
@click.pass_obj
def status(server: EmbeddedServer) -> None:
    """Show whether the server runs, where its files are and how large they are."""
    now = server.status()
    state = f"running, pid {now.pid}" if now.running else "stopped"
    size = "none yet" if now.size_bytes is None else f"{now.size_bytes / 1e6:.0f} MB"
    rows = {
        "state": state,
        "version": now.version,
        "directory": now.directory,
        "log": now.directory / "log",
        "url": now.url,
        "data": size,
    }
    for name, value in rows.items():
        click.echo(f"{name + ':':<11}{value}")


@command.command()
@click.pass_obj
def url(server: EmbeddedServer) -> int:
    """Print the address of the database pgerp, for psql or an application.

    Exit code 2 when the server is not running; the address is printed all the same.
    """
    click.echo(server.url())
    if server.status().running:
        return 0
    click.echo("the server is not running: pgerp server start", err=True)
    return EXIT_BROKEN


@command.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.pass_obj
def psql(server: EmbeddedServer, arguments: tuple[str, ...]) -> None:
    """Open psql on the database pgerp; further arguments go to psql as they are."""
    address = server.start()
    program = server.binary("psql")
    os.execv(program, [str(program), f"--dbname={address}", *arguments])
