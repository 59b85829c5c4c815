"""A service's database dumped, lost with its slots, and restored from the dump."""

from __future__ import annotations

import subprocess
from contextlib import closing
from pathlib import Path

from psycopg import sql

from pgerp.db import connect
from pgerp.services import replicate
from pgerp.services.fit import maintenance
from pgerp.services.topology import Service


class Backups:
    """Dumps in a folder, by the server's own programs."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs = programs
        self._folder = folder

    def take(self, service: Service) -> None:
        """Dump a service's database, publications and subscriptions included."""
        words = [self._programs / "pg_dump", "--format=custom", "--file", self._file(service)]
        subprocess.run([*words, service.url], check=True)

    def restore(self, service: Service) -> None:
        """Lose the database as it is, and have it again as it was dumped.

        Its slots go with it; those of others that it read stay, and are ahead of it.
        """
        with closing(connect(service.url)) as conn:
            old = conn.info.server_version < 160000
            for name in replicate.subscriptions(conn):
                replicate.unsubscribe(conn, name)
            for name in replicate.slots(conn):
                replicate.drop_slot(conn, name)
        with closing(maintenance(service)) as conn:
            name = sql.Identifier(service.database)
            conn.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))
            conn.execute(sql.SQL("CREATE DATABASE {}").format(name))
        words: list[str | Path] = [self._programs / "pg_restore", "--dbname", service.url]
        # Before 16 it cannot give them to who owned them.
        words += ["--enable-row-security", *(["--no-subscriptions"] if old else [])]
        subprocess.run([*words, self._file(service)], check=True)

    def _file(self, service: Service) -> Path:
        return self._folder / f"{service.name}.dump"
