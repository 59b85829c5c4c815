"""`pgerp seal`: seal the journal, and take the seals off the server."""

from __future__ import annotations

from pathlib import Path

import click

from pgerp.cli import App
from pgerp.errors import EXIT_CLEAN
from pgerp.sealfile import DETAILS


@click.command(name="seal")
@click.option("--tenant", metavar="NAME", help="One tenant [default: every active one].")
@click.option(
    "--export",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Write the seals there; a file that has some is added to.",
)
@click.option(
    "--leaves",
    type=click.Choice(DETAILS),
    default="hashes",
    show_default=True,
    help="What FILE keeps of each entry.",
)
@click.pass_obj
def command(app: App, tenant: str | None, export: Path | None, leaves: str) -> int:
    """Seal what was posted since the last seal.

    From then on pgerp verify tells if a sealed entry or line was changed, deleted, inserted or
    re-ordered, even by a superuser with triggers disabled; and a superuser who makes the seals
    anew is found with the file that --export wrote: keep it where nobody of the server can write.

    --leaves: hashes (110 bytes an entry) names the entries that were changed; contents also tells
    what they were, column by column, but holds the books; none tells only which seal is not the
    one that was exported. Either way entries that still are as the seals in the database have
    them need no contents to be explained.

    Nothing waits for a seal. Run it every night, or every hour.

    Exit codes: 0 done, 2 something is wrong (also when FILE and database disagree).
    """
    from pgerp.sealer import seal
    from pgerp.session import require_ledger

    with app.connect() as connection:
        require_ledger(connection)
        done = seal(connection, tenant=tenant, export=export, detail=leaves)
    for one in done:
        made = (
            f"sealed {one.entries} entries in {one.seals} seal{'' if one.seals == 1 else 's'}"
            if one.seals
            else "nothing new to seal"
        )
        last = f"; seal {one.last[0]} is {one.last[1].hex()}" if one.last else ""
        wrote = f"; {one.exported} written to {export}" if export else ""
        click.echo(f"{one.tenant}: {made}{last}{wrote}")
    return EXIT_CLEAN
