"""The commands of the runbook of services run, in its order, on services of the same names."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from pgerp.services.topology import load
from tests.docs.test_documents import blocks
from tests.runner.support import until
from tests.servers import Server
from tests.topology.commands import Commands
from tests.topology.templates import Templates

EIGHT = "--topology sql/topologies/eight.toml"
SUFFIX = "of_the_runbook"
TOPOLOGY = "\n".join(
    ['identity = "accounting"']
    + [
        f'[services.{name}]\ndatabase = "{name}_{SUFFIX}"\nmodules = {modules}'
        for name, modules in (
            ("accounting", ["ledger"]),
            ("payroll", ["payroll"]),
            ("billing", []),
        )
    ]
)


@pytest.mark.xdist_group("runbook of services")
def test_the_commands_of_the_runbook_run(server: Server, tmp_path: Path) -> None:
    commands = Commands(tmp_path / "topology.toml", server.database("postgres"))
    commands.write(TOPOLOGY)
    templates = Templates(commands.server_url, SUFFIX)
    lines = "".join(blocks("docs/runbooks/services.md", "sh")).splitlines()
    assert len(lines) == 11
    try:
        templates.fill(load(commands.path, commands.server_url))
        for line in lines:
            assert EIGHT in line
            words = shlex.split(line.replace(EIGHT, ""))
            assert words[:2] == ["pgerp", "services"]
            # What was just made takes a moment to run.
            until(lambda words=words: commands.run(*words[2:]).code == 0)  # type: ignore[misc]
            if words[2] == "down" and "billing" in words:
                text = commands.path.read_text().partition("[services.billing]")[0]
                commands.write(text)
        assert commands.there(f"accounting_{SUFFIX}") == []
        assert commands.there("pgerp_accounting_to") == []
    finally:
        commands.write(TOPOLOGY)
        assert commands.run("down", "--yes", "--drop-databases").code == 0
        templates.drop()
