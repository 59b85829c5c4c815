"""`pgerp token`: a token for development and operators."""

from __future__ import annotations

import click

from pgerp.cli import App
from pgerp.errors import EXIT_CLEAN, PgerpError


@click.command(name="token")
@click.option("--tenant", metavar="NAME", help="The tenant [default: the only one there is].")
@click.option("--subject", metavar="SUB", help="Who acts [default: the role that connects].")
@click.option(
    "--business", "businesses", metavar="CODE", multiple=True, help="Only these [default: all]."
)
@click.option(
    "--permission",
    "permissions",
    metavar="CODE",
    multiple=True,
    help="Limit it to these; may be repeated [default: what need not be named].",
)
@click.option(
    "--minutes", type=click.IntRange(1, 1440), default=60, show_default=True, help="Valid for."
)
@click.pass_obj
def command(
    app: App,
    tenant: str | None,
    subject: str | None,
    businesses: tuple[str, ...],
    permissions: tuple[str, ...],
    minutes: int,
) -> int:
    """Print a token of a tenant, and nothing else, so that $(pgerp token) can be used.

    Set pgerp.token to it. Whoever has it acts for the tenant until it expires. Applications
    issue their own, with the key that pgerp keys rotate --secret-file gave them.

    Exit codes: 0 done, 2 something is wrong.
    """
    from pgerp.session import open_tenant, require_tenants

    with app.connect() as connection:
        require_tenants(connection)
        session = open_tenant(connection, tenant)
        ids = None
        if businesses:
            with session.transaction() as cursor:
                cursor.execute("SELECT code, id FROM identity.businesses")
                known = dict(cursor.fetchall())
            if missing := sorted(set(businesses) - known.keys()):
                raise PgerpError(
                    f"there is no business {missing[0]!r}",
                    detail=f"Businesses: {', '.join(sorted(known)) or 'none'}.",
                )
            ids = [known[code] for code in businesses]
        row = connection.execute(
            """SELECT identity.issue_token(
                %s, coalesce(%s, session_user), %s, make_interval(mins => %s), %s
            )""",
            [session.tenant_id, subject, ids, minutes, list(permissions) or None],
        ).fetchone()
        assert row is not None
    click.echo(row[0])
    return EXIT_CLEAN
