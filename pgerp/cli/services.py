"""`pgerp services`: modules spread over several databases, and the workers between them."""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path
from typing import Any

import click

from pgerp.cli import App
from pgerp.cli.confirm import confirm
from pgerp.cli.patience import patience, settings
from pgerp.errors import EXIT_BROKEN, EXIT_CLEAN, EXIT_PENDING, PgerpError

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
@click.option("--json", "as_json", is_flag=True, help="status: print one JSON object.")
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
    as_json: bool,
    drop_databases: bool,
    yes: bool,
    **options: Any,
) -> int:
    """Make, look at, run or take down modules that are spread over several databases.

    up makes the databases, migrates each with its modules, and arranges publications, slots and
    subscriptions; running it again mends what is missing. worker has handlers act upon what
    arrived, until SIGTERM; several may run. verify compares what the databases tell. resync makes
    a database whole that was restored from a backup (--service NAME). down takes away what runs
    between the databases, of all services or of some (--service NAME); it shows what it drops and
    asks, unless --yes is given.

    \b
    status --json prints one object:
      state     "clean", "pending" or "broken"
      services  list of {name, database, problem, waiting, parked, oldest_s, workers,
                troubles, lag_bytes, feeds, copies, sentences}; copies: first copies of tables
                that are not done; sentences: what needs a person

    Exit codes: 0 done or healthy, 1 events wait for handlers or tables for their first copy
    (status only), 2 something is wrong.
    """
    from pgerp.services.topology import load

    _refuse_misplaced(
        action,
        {
            "--service": (names, {"worker", "resync", "down"}),
            "--once": (once, {"worker"}),
            "--json": (as_json, {"status"}),
            "--drop-databases": (drop_databases, {"down"}),
        },
    )
    topology = load(path, app.url())
    if action == "up":
        from pgerp.cli.progress import Lines
        from pgerp.services.setup import up

        lines = Lines("applied")
        done: list[str] = []

        def say(line: str) -> None:
            done.append(line)
            click.echo(line)

        with lines.interruptible():
            up(topology, app.projects(), settings=settings(**options), progress=lines, say=say)
        if not done:
            click.echo("nothing to do")
        return EXIT_CLEAN
    if action == "worker":
        from pgerp.services.worker import run_all

        total = run_all(topology.chosen(names), workers=workers, say=click.echo, once=once)
        click.echo(f"{total.handled} handled, {total.failed} failed, {total.parked} parked")
        return EXIT_CLEAN
    if action == "status":
        return _status(topology, as_json)
    if action == "verify":
        return _verify(topology)
    if action == "resync":
        return _resync(topology, names)
    return _down(topology, names, drop_databases, yes)


def _refuse_misplaced(action: str, options: dict[str, tuple[object, set[str]]]) -> None:
    """Refuse an option of another action: it would be passed over, and more done than asked."""
    for name, (given, actions) in options.items():
        if given and action not in actions:
            raise click.UsageError(f"{name} is for {', '.join(sorted(actions))}.")


def _status(topology: Any, as_json: bool) -> int:
    from pgerp.services.status import status

    found = status(topology)
    broken = any(not one.healthy for one in found)
    pending = any(one.waiting or one.copies for one in found)
    code = EXIT_BROKEN if broken else EXIT_PENDING if pending else EXIT_CLEAN
    if as_json:
        state = {EXIT_BROKEN: "broken", EXIT_PENDING: "pending", EXIT_CLEAN: "clean"}[code]
        services = [dataclasses.asdict(one) | {"sentences": one.sentences} for one in found]
        click.echo(json.dumps({"state": state, "services": services}, indent=2))
        return code
    _print(found)
    return code


def _print(found: Any) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    head = "service database waiting oldest parked workers feeds lag state"
    for name in head.split():
        table.add_column(name, no_wrap=True)
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
    # A pipe has no width.
    Console(width=None if sys.stdout.isatty() else 200).print(table)
    for one in found:
        for sentence in [*one.sentences, *one.copies]:
            click.echo(f"{one.name}: {sentence}")


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

    if not names:
        raise PgerpError(
            "resync is for services that are named",
            hint="Name the one whose database was restored: --service NAME.",
        )
    services = topology.chosen(names)
    routes = read_routes(topology)
    brought = sum(resync(topology, service, routes, say=click.echo) for service in services)
    click.echo(f"{brought} events brought; see pgerp services verify")
    return EXIT_CLEAN


def _down(topology: Any, names: tuple[str, ...], drop_databases: bool, yes: bool) -> int:
    from pgerp.services.teardown import down, plan_down

    removal = plan_down(topology, names, drop_databases=drop_databases)
    if not removal.steps:
        click.echo("nothing to do")
        return EXIT_CLEAN
    for step in removal.steps:
        click.echo(f"drops {step}")
    if not yes:
        confirm("Drop all this?")
    left = down(removal, say=click.echo)
    for sentence in left:
        click.echo(sentence)
    return EXIT_BROKEN if left else EXIT_CLEAN
