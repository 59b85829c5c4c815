"""`pgerp services`: modules spread over several databases, and the workers between them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from pgerp.cli import App
from pgerp.cli.patience import patience, settings
from pgerp.errors import EXIT_BROKEN, EXIT_CLEAN, PgerpError

ACTIONS = ["up", "status", "worker", "verify", "resync", "down"]


@click.command(name="services")
@click.argument("action", type=click.Choice(ACTIONS))
@click.option(
    "--topology",
    "path",
    required=True,
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Which services there are: see sql/topologies/.",
)
@click.option("--service", "names", multiple=True, metavar="NAME", help="Only this; repeatable.")
@click.option("--workers", default=1, type=click.IntRange(1, 32), help="Per service.")
@click.option("--once", is_flag=True, help="worker: end when nothing is due.")
@click.option("--drop-databases", is_flag=True, help="down: drop the databases with all they hold.")
@click.option("--yes", is_flag=True, help="down: do not ask.")
@patience
@click.pass_obj
def command(
    app: App,
    /,
    action: str,
    path: Path,
    names: tuple[str, ...],
    workers: int,
    once: bool,
    drop_databases: bool,
    yes: bool,
    **options: Any,
) -> int:
    """Make, look at, run or take down modules that are spread over several databases.

    up makes the databases, migrates each with its modules, and arranges publications, slots and
    subscriptions; running it again mends what is missing. worker has handlers act upon what
    arrived, until SIGTERM; several may run. verify compares what the databases tell. resync makes
    a database whole that was restored from a backup (--service NAME). down takes away what runs
    between the databases.

    Exit codes: 0 done or healthy, 2 something is wrong.
    """
    from pgerp.services.topology import load

    topology = load(path, app.url())
    if action == "up":
        from pgerp.cli.progress import Lines
        from pgerp.services.setup import up

        lines = Lines("applied")
        with lines.interruptible():
            up(
                topology,
                app.projects(),
                settings=settings(**options),
                progress=lines,
                say=click.echo,
            )
        return EXIT_CLEAN
    if action == "worker":
        from pgerp.services.worker import run_all

        total = run_all(topology.chosen(names), workers=workers, say=click.echo, once=once)
        click.echo(f"{total.handled} handled, {total.failed} failed, {total.parked} parked")
        return EXIT_CLEAN
    if action == "status":
        return _status(topology)
    if action == "verify":
        return _verify(topology)
    if action == "resync":
        return _resync(topology, names)
    return _down(topology, drop_databases, yes)


def _status(topology: Any) -> int:
    from rich.console import Console
    from rich.table import Table

    from pgerp.services.status import status

    found = status(topology)
    table = Table(
        *("service", "database", "waiting", "oldest", "parked", "workers", "feeds", "lag", "state")
    )
    for one in found:
        state = "unknown" if one.problem else "ok" if one.healthy else "trouble"
        table.add_row(
            one.name,
            one.database,
            str(one.waiting),
            f"{one.oldest_s:.0f} s",
            str(one.parked),
            str(one.workers),
            str(one.feeds),
            f"{one.lag_bytes // 1024} kB",
            state,
        )
    Console().print(table)
    for one in found:
        for sentence in one.sentences:
            click.echo(f"{one.name}: {sentence}")
    return EXIT_CLEAN if all(one.healthy for one in found) else EXIT_BROKEN


def _verify(topology: Any) -> int:
    from pgerp.services.compare import differences
    from pgerp.services.setup import read_routes

    found = list(differences(topology, read_routes(topology)))
    for sentence in found:
        click.echo(sentence)
    click.echo(f"{len(found)} differences" if found else "the databases tell the same")
    return EXIT_BROKEN if found else EXIT_CLEAN


def _resync(topology: Any, names: tuple[str, ...]) -> int:
    from pgerp.services.resync import resync
    from pgerp.services.setup import read_routes

    if len(names) != 1:
        raise PgerpError(
            "resync is for one service",
            hint="Name the one whose database was restored: --service NAME.",
        )
    (service,) = topology.chosen(names)
    brought = resync(topology, service, read_routes(topology), say=click.echo)
    click.echo(f"{brought} events brought; see pgerp services verify")
    return EXIT_CLEAN


def _down(topology: Any, drop_databases: bool, yes: bool) -> int:
    from pgerp.services.setup import down

    if drop_databases and not yes:
        names = ", ".join(service.database for service in topology.services.values())
        click.confirm(f"Drop the databases {names}, with all they hold?", abort=True)
    down(topology, drop_databases=drop_databases, say=click.echo)
    return EXIT_CLEAN
