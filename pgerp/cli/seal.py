"""`pgerp seal`: seal the journal and the audit log, and take the seals off the server."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pgerp.cli import App
from pgerp.errors import EXIT_CLEAN
from pgerp.sealfile import DETAILS

if TYPE_CHECKING:
    from pgerp.sealer import Sealed


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
    """Seal what was posted, and what was logged, since the last seal.

    From then on pgerp verify tells if a sealed entry or line, or a row of the audit log, was
    changed, deleted, inserted or re-ordered, even by a superuser with triggers disabled; and a
    superuser who makes the seals anew is found with the file that --export wrote: keep it where
    nobody of the server can write. Without --tenant, what was logged of tables that have no tenant
    is sealed, too.

    --leaves: hashes (110 bytes an entry) names the entries that were changed; contents also tells
    what they were, column by column, but holds the books; none tells only which seal is not the
    one that was exported. Either way entries that still are as the seals in the database have
    them need no contents to be explained. Of the log never more than hashes leaves the server,
    so that what is redacted is redacted.

    Nothing waits for a seal. Run it every night, or every hour.

    Exit codes: 0 done, 2 something is wrong (also when FILE and database disagree).
    """
    from pgerp.sealer import seal
    from pgerp.sealjournal import JournalRows
    from pgerp.seallog import LogRows
    from pgerp.session import has_ledger, require_tenants

    with app.connect() as connection:
        require_tenants(connection)
        for of in (JournalRows, LogRows) if has_ledger(connection) else (LogRows,):
            done = seal(connection, of=of, tenant=tenant, export=export, detail=leaves)
            for one in done:
                _tell(one, of.kind.noun, export)
    return EXIT_CLEAN


def _tell(one: Sealed, noun: str, export: Path | None) -> None:
    made = (
        f"sealed {one.leaves} {noun} in {one.seals} seal{'' if one.seals == 1 else 's'}"
        if one.seals
        else f"no new {noun} to seal"
    )
    last = f"; seal {one.last[0]} is {one.last[1].hex()}" if one.last else ""
    wrote = f"; {one.exported} written to {export}" if export else ""
    click.echo(f"{one.tenant}: {made}{last}{wrote}")
