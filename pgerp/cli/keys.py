"""`pgerp keys`: the keys that sign and verify tokens."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from pgerp.cli import App
from pgerp.errors import EXIT_CLEAN, PgerpError


@click.command(name="keys")
@click.argument("action", type=click.Choice(["list", "rotate", "retire"]), default="list")
@click.argument("kid", required=False)
@click.option("--kid", "new_kid", metavar="KID", help="Id of the new key [default: by date].")
@click.option(
    "--secret-file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Write the new key there, as a JSON Web Key, for its owner's eyes only (mode 0600).",
)
@click.option("--show-secret", is_flag=True, help="Print the new key, to a terminal only.")
@click.option("--json", "as_json", is_flag=True, help="List as JSON.")
@click.pass_obj
def command(
    app: App,
    action: str,
    kid: str | None,
    new_kid: str | None,
    secret_file: Path | None,
    show_secret: bool,
    as_json: bool,
) -> int:
    """List, rotate or retire the keys that sign tokens (HMAC-SHA256).

    rotate makes a key that tokens are signed with from now on; the one before goes on to verify.
    Give the new one to your token service with --secret-file. When the last token of the old one
    has expired: retire KID. At most two keys are live.

    No key is ever printed, but for --show-secret. list shows none.

    Exit codes: 0 done, 2 something is wrong.
    """
    from pgerp.keys import list_keys, retire, rotate

    if (action == "retire") != (kid is not None):
        raise PgerpError("KID is the key to retire", hint="See them with: pgerp keys list.")
    if action != "rotate" and (new_kid or secret_file or show_secret):
        raise PgerpError("only rotate makes a key", hint="Leave out its options.")
    if show_secret and not sys.stdout.isatty():
        raise PgerpError(
            "the key is shown on a terminal only",
            detail="Standard output goes to a file or a program.",
            hint="Use --secret-file FILE.",
        )
    with app.connect() as connection:
        if action == "rotate":
            made, jwk = rotate(connection, kid=new_kid, file=secret_file)
            click.echo(f"{made}: signs from now on")
            if secret_file is not None:
                click.echo(f"written to {secret_file}")
            if show_secret:
                click.echo(jwk)
        elif kid is not None:
            retire(connection, kid)
            click.echo(f"{kid}: retired, its tokens are refused")
        keys = list_keys(connection)
    if as_json:
        rows = [
            {
                "kid": key.kid,
                "state": key.state,
                "created_at": key.created_at.isoformat(),
                "retired_at": key.retired_at and key.retired_at.isoformat(),
            }
            for key in keys
        ]
        click.echo(json.dumps(rows, indent=2))
    elif action == "list":
        for key in keys:
            since = key.retired_at or key.created_at
            click.echo(f"{key.kid}  {key.state} since {since:%Y-%m-%d %H:%M:%S %Z}")
        if not keys:
            click.echo("no keys yet: pgerp keys rotate makes one")
    return EXIT_CLEAN
