"""The command line: `pgerp` and `./migrate.py` are both `main` below.

A command's module is imported when that command runs or shows its help, so that `pgerp --help`
and a run with nothing to do are quick. Each module has one `command`; a command's return value,
if it is an integer, is the exit code.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pgerp import __version__
from pgerp.errors import EXIT_BROKEN, PgerpError

if TYPE_CHECKING:
    import psycopg

    from pgerp.project import Project

EXIT_INTERRUPTED = 130

# Command -> module in this package, and what `pgerp --help` says about it.
COMMANDS = {
    "up": ("up", "Apply what is pending: roles, migrations, functions, views, grants."),
    "down": ("down", "Take migrations back by their rollback files."),
    "status": ("status", "Show what is applied and what is pending; changes nothing."),
    "plan": ("plan", "Show what `up` would do; --rehearse tries it on a scratch copy."),
    "verify": ("verify", "Check files, catalog and books; name every difference."),
    "new": ("new", "Make the files of a new migration."),
    "repair": ("repair", "Accept an edited, deleted or late migration, with a reason."),
    "baseline": ("baseline", "Take over a database that already has the schema."),
    "seed": ("seed", "Load reference data or the demonstration's."),
    "import": ("import_", "Import a journal from a CSV file."),
    "import-loans": ("import_loans", "Import a portfolio of loans, and reconcile it."),
    "report": ("report", "Print the trial balance or a financial statement."),
    "maintain": ("maintain", "Make partitions ahead and do what has to be done regularly."),
    "export": ("export", "Write the journal for hledger, beancount, or as CSV."),
    "seal": ("seal", "Seal journal and audit log against tampering; export the seals."),
    "archive": ("archive", "Move closed, sealed years out of the live journal, and back."),
    "token": ("token", "Print a token of a tenant, for development and operators."),
    "keys": ("keys", "List, rotate or retire the keys that sign tokens."),
    "encryption": ("encryption", "Keys of sensitive values: make, rotate, re-encrypt, retire."),
    "roles": ("roles", "Show the roles of the database and what each may do."),
    "services": ("services", "Make and run modules spread over several databases."),
    "messages": ("messages", "Send queued messages through a gateway; show the queue."),
    "server": ("server", "Start, stop or look at the embedded PostgreSQL."),
}
EPILOG = """\
The database is taken from --database-url, else from PGERP_DATABASE_URL or DB_HOST, DB_PORT,
DB_NAME, DB_USER, DB_PASSWORD (environment first, then the file .env); with none of them an
embedded PostgreSQL 18 is started in .pgerp/.

Exit codes: 0 done or clean, 1 work is pending (status and plan only), 2 something is wrong.
"""


@dataclass
class App:
    """What the global options say; `ctx.obj` of every command.

    Attributes:
        database_url: The value of --database-url, if given.
        project_dirs: The folders given with --project.
    """

    database_url: str | None = None
    project_dirs: tuple[Path, ...] = ()

    def projects(self) -> list[Project]:
        """Return pgerp's own project first, then each --project folder's."""
        from pgerp.project import load_projects

        return load_projects(self.project_dirs)

    def database_projects(self, added: Sequence[str] | None = None) -> list[Project]:
        """Return the projects as the database has them: with all modules, or some.

        Args:
            added: Modules that it is to have besides; None = as it is.
        """
        from pgerp.modules import for_database

        projects = self.projects()
        with self.connect() as conn:
            return for_database(conn, projects, added)

    def settings_folder(self) -> Path:
        """Return the folder whose .env is read: the current one if it has one, else our own."""
        from pgerp.config import home_directory

        here = Path.cwd()
        return here if (here / ".env").is_file() else home_directory()

    def url(self) -> str:
        """Return the database to work on; starts the embedded server when none is configured.

        Raises:
            PgerpError: The settings are wrong, or the embedded server does not start.
        """
        from pgerp.config import resolve_url

        configured = resolve_url(self.database_url, self.settings_folder())
        if configured is not None:
            return configured
        from pgerp.server import default_server

        return default_server().start()

    def connect(self, **options: Any) -> psycopg.Connection:
        """Connect to that database; the options are those of `pgerp.db.connect`."""
        from pgerp.db import connect

        return connect(self.url(), **options)


class LazyGroup(click.Group):
    """A group that imports a command's module only when the command is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module of one command and return the command."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"{__name__}.{COMMANDS[cmd_name][0]}")
        command = module.command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands from the table, importing none."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the closing notes, paragraph by paragraph."""
        for paragraph in EPILOG.split("\n\n"):
            formatter.write_paragraph()
            formatter.write_text(" ".join(paragraph.split()))

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; end quietly when the reader of our output (head, less) is gone."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            # click would make this exit code 1, which means pending work here.
            sys.stdout = open(os.devnull, "w")  # noqa: SIM115
            sys.exit(EXIT_BROKEN)

    def main(  # type: ignore[override]
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        **extra: Any,
    ) -> Any:
        """Run a command; every failure that a user can cause becomes one paragraph and a code."""
        extra["standalone_mode"] = False
        try:
            result = super().main(args, prog_name, **extra)
        except PgerpError as error:
            _complain(str(error))
        except click.ClickException as error:
            error.show()
            sys.exit(EXIT_BROKEN)
        except click.Abort as error:
            click.echo("stopped: nothing more was done.", err=True)
            cause = error.__cause__
            interrupted = getattr(cause, "exit_code", EXIT_INTERRUPTED)
            sys.exit(interrupted if isinstance(cause, KeyboardInterrupt) else EXIT_BROKEN)
        except Exception as error:
            _complain_about_database(error)
            raise
        sys.exit(result if isinstance(result, int) else 0)


def _complain(text: str) -> None:
    click.echo(f"error: {text}", err=True)
    sys.exit(EXIT_BROKEN)


def _complain_about_database(error: Exception) -> None:
    """End with one paragraph if PostgreSQL or the connection caused the error."""
    psycopg = sys.modules.get("psycopg")
    if psycopg is None or not isinstance(error, psycopg.Error):
        return
    diag = error.diag
    message = (diag.message_primary or " ".join(str(error).split())).rstrip(".")
    context = " ".join((diag.context or "").split())
    told = PgerpError(
        message,
        sqlstate=error.sqlstate,
        detail=" ".join(filter(None, (diag.message_detail, context and f"Context: {context}."))),
        hint=diag.message_hint,
    )
    _complain(str(told))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--database-url",
    metavar="URL",
    help="The database: postgresql://user@host:5432/name, or libpq keywords.",
)
@click.option(
    "--project",
    "project_dirs",
    metavar="DIR",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A further folder with migrations/, functions/, views/, sql/; may be repeated.",
)
@click.version_option(__version__, prog_name="pgerp")
@click.pass_context
def main(ctx: click.Context, database_url: str | None, project_dirs: tuple[Path, ...]) -> None:
    """pgerp: an ERP's books as a PostgreSQL schema, and the runner that migrates it."""
    ctx.obj = App(database_url, project_dirs)
