"""`pgerp roles`: the roles of the database and what each may do."""

from __future__ import annotations

import json

import click

from pgerp.cli import App
from pgerp.errors import EXIT_CLEAN


@click.command(name="roles")
@click.option("--json", "as_json", is_flag=True, help="Everything, object by object, as JSON.")
@click.pass_obj
def command(app: App, as_json: bool) -> int:
    """Show the roles of pgerp, who is a member, and what each may do per schema.

    It is read from the catalog, not from the files, and counts what a role has by membership and
    as owner too. Partitions are left out. PUBLIC is everybody: what it has, all have. Superusers
    may everything and are not shown unless they are roles of pgerp. Roles of users (owner,
    accountant, staff) are rows in identity.roles.

    Exit codes: 0 done, 2 something is wrong.
    """
    from pgerp.rolelist import Role, list_roles

    def describe(role: Role) -> str:
        words = [
            "may log in" if role.can_login else "no login",
            *(["superuser"] if role.is_superuser else []),
            *(["goes past row security"] if role.bypasses_row_security else []),
            *(["copies the server"] if role.copies_the_server else []),
            *(["makes roles or databases"] if role.makes_roles_or_databases else []),
        ]
        return ", ".join(words)

    with app.connect() as connection:
        roles = list_roles(connection)
    if as_json:
        click.echo(json.dumps([role.as_json() for role in roles], indent=2))
        return EXIT_CLEAN
    for role in roles:
        click.echo(f"{role.name}: {describe(role)}. {role.comment}".rstrip())
        for label, names in (("members", role.members), ("member of", role.member_of)):
            if names:
                click.echo(f"  {label}: {', '.join(names)}")
        if role.database:
            click.echo(f"  database: {', '.join(role.database)}")
        for schema in dict.fromkeys(grant.schema for grant in role.grants):
            parts = [
                f"{grant.privilege} on {len(grant.objects)} {grant.kind}"
                + ("s" if len(grant.objects) != 1 else "")
                for grant in role.grants
                if grant.schema == schema and grant.kind != "schema"
            ]
            own = [
                grant.privilege
                for grant in role.grants
                if grant.kind == "schema" and grant.schema == schema
            ]
            click.echo(f"  {schema}: {', '.join([*own, *parts])}")
    return EXIT_CLEAN
