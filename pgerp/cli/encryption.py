"""`pgerp encryption`: the keys of sensitive values, and rewriting the values of old ones."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pgerp.cli import App
from pgerp.encryption import FILE_VARIABLE
from pgerp.errors import EXIT_BROKEN, EXIT_CLEAN, PgerpError

if TYPE_CHECKING:
    from pgerp.keyfile import Key

ACTIONS = ["new", "list", "rotate", "activate", "reencrypt", "retire"]
MEANING = {
    "next": "is known, and makes nothing yet",
    "active": "makes what is written",
    "old": "is known, and makes nothing any more",
}

HELP = """Keys that encrypt and hash sensitive values, in a file that only its owner reads.

\b
new        makes the file, with a key to encrypt and a key to hash
rotate     adds next keys; give the file to every application, then
activate   has the next keys make what is written; give the file to every application again, then
reencrypt  rewrites the values of old keys, in every table that has some; cut off, it goes on
retire KID takes a key out of the file, into FILE.retired, once the database has no value of it
list       shows the keys, the active ones first

No key is ever printed. Values are decrypted and encrypted by this program; the database never
sees a key or a plain text. reencrypt and retire need a member of pgerp_migrator.

Exit codes: 0 done, 2 something is wrong, or values are left that could not be rewritten.
"""


@click.command(name="encryption", help=HELP)
@click.argument("action", type=click.Choice(ACTIONS))
@click.argument("kid", required=False)
@click.option(
    "--keys",
    "file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help=f"The key file [default: {FILE_VARIABLE}, from the environment or .env].",
)
@click.option(
    "--purpose",
    type=click.Choice(["encryption", "hash"]),
    help="rotate: this key only [default: both].",
)
@click.option(
    "--country",
    metavar="CC",
    help="reencrypt: whose phone numbers may lack their country code, as the applications have it.",
)
@click.option(
    "--batch",
    type=click.IntRange(1, 10000),
    metavar="N",
    help="reencrypt: rows a transaction [default: 500].",
)
@click.option(
    "--retries",
    type=click.IntRange(min=0),
    metavar="N",
    help="reencrypt: how often rows that others hold are come back to [default: 20].",
)
@click.option("--dry-run", is_flag=True, help="reencrypt: only count the values of each key.")
@click.option("--json", "as_json", is_flag=True, help="list, --dry-run: as JSON.")
@click.pass_obj
def command(
    app: App,
    action: str,
    kid: str | None,
    file: Path | None,
    purpose: str | None,
    country: str | None,
    batch: int | None,
    retries: int | None,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Make, rotate and retire keys; rewrite the values of old ones."""
    from pgerp import keyfile

    if (action == "retire") != (kid is not None):
        raise PgerpError("KID is the key to retire", hint="See them with: pgerp encryption list.")
    for name, given, belongs in (
        ("--purpose", purpose, "rotate"),
        ("--country", country, "reencrypt"),
        ("--batch", batch, "reencrypt"),
        ("--retries", retries, "reencrypt"),
        ("--dry-run", dry_run or None, "reencrypt"),
    ):
        if given is not None and action != belongs:
            raise PgerpError(f"{name} belongs to {belongs}", hint="Leave it out.")
    if as_json and action != "list" and not dry_run:
        raise PgerpError("--json belongs to list and --dry-run", hint="Leave it out.")
    path = key_file(app, file)
    if action == "new":
        for key in keyfile.create_file(path):
            click.echo(f"{key.kid}: made, {key.purpose}")
        click.echo(f"written to {path}, for its owner only; keep a copy where backups are not")
        return EXIT_CLEAN
    keys = keyfile.check_keys(keyfile.read_keys(path))
    if action == "rotate":
        for key in keyfile.add_next(path, [purpose] if purpose else keyfile.PURPOSES):
            click.echo(f"{key.kid}: made, {key.purpose}, next")
        click.echo("give the file to every application, then: pgerp encryption activate")
    elif action == "activate":
        for key in keyfile.activate_next(path):
            click.echo(f"{key.kid}: {key.purpose}, {MEANING['active']}")
        click.echo("give the file to every application, then: pgerp encryption reencrypt")
    elif kid is not None:
        _retire(app, path, keys, kid)
    elif action == "reencrypt" and dry_run:
        _show_counts(app, keys, as_json)
    elif action == "reencrypt":
        return _reencrypt(app, keys, country, batch, retries)
    else:
        _show(keys, as_json)
    return EXIT_CLEAN


def key_file(app: App, file: Path | None) -> Path:
    """Return the key file that --keys, the environment or .env names.

    Raises:
        PgerpError: None does.
    """
    from pgerp.config import read_env

    named = (
        file
        or os.environ.get(FILE_VARIABLE)
        or read_env(app.settings_folder() / ".env").get(FILE_VARIABLE)
    )
    if not named:
        raise PgerpError("no key file is named", hint=f"Give --keys FILE, or set {FILE_VARIABLE}.")
    return Path(named)


def _show(keys: list[Key], as_json: bool) -> None:
    ordered = sorted(keys, key=lambda key: (key.purpose, key.state != "active"))
    if as_json:
        rows = [
            {
                "kid": key.kid,
                "purpose": key.purpose,
                "state": key.state,
                "created": key.created.isoformat(),
            }
            for key in ordered
        ]
        click.echo(json.dumps(rows, indent=2))
    for key in [] if as_json else ordered:
        made = f"{key.created:%Y-%m-%d %H:%M:%S %Z}"
        click.echo(f"{key.kid}  {key.purpose}  {key.state}: {MEANING[key.state]}; made {made}")


def _show_counts(app: App, keys: list[Key], as_json: bool) -> None:
    from pgerp.sensitive import count_values

    states = {key.kid: key.state for key in keys}
    with app.connect() as connection:
        counts = count_values(connection)
    rows = [
        {
            "table": table,
            "column": column,
            "kid": kid,
            "state": states.get(kid, "unknown"),
            "values": number,
        }
        for (table, column), counted in counts.items()
        for kid, number in sorted(counted.items())
    ]
    if as_json:
        click.echo(json.dumps(rows, indent=2))
    for row in [] if as_json else rows:
        click.echo("{table}.{column}  {kid} ({state}): {values}".format(**row))
    if not as_json:
        stale = sum(
            n for row in rows if row["state"] == "old" and isinstance(n := row["values"], int)
        )
        click.echo(f"{stale} values of old keys in {len(counts)} columns")


def _reencrypt(
    app: App, keys: list[Key], country: str | None, batch: int | None, retries: int | None
) -> int:
    from pgerp.reencrypt import Settings, reencrypt

    default = Settings()
    settings = Settings(
        batch=batch or default.batch, retries=default.retries if retries is None else retries
    )
    with app.connect() as connection:
        outcome = reencrypt(connection, keys, country=country, settings=settings, say=click.echo)
    for problem in outcome.problems:
        click.echo(problem, err=True)
    click.echo(f"{outcome.rows} rows rewritten, {outcome.left} left as they were")
    return EXIT_BROKEN if outcome.left else EXIT_CLEAN


def _retire(app: App, path: Path, keys: list[Key], kid: str) -> None:
    from pgerp.keyfile import retire_key
    from pgerp.sensitive import count_values

    if any(key.kid == kid and key.state != "active" for key in keys):
        left: Counter[str] = Counter()
        with app.connect() as connection:
            for (table, column), counted in count_values(connection).items():
                left[f"{table}.{column}"] += counted[kid]
        if found := [f"{column} {number}" for column, number in (+left).items()]:
            raise PgerpError(
                "the database has values of this key",
                where=kid,
                detail=f"Values: {', '.join(found)}.",
                hint="Rewrite them first: pgerp encryption reencrypt.",
            )
    archive = retire_key(path, kid)
    click.echo(f"{kid}: retired; it is in {archive}, for backups from before")
