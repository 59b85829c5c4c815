"""A server as docs/tls.md describes it: its certificates, its settings, its pg_hba.conf."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from pgerp import postmaster
from pgerp.config import build_url
from tests.conftest import ROOT
from tests.runner.journals import ask, run
from tests.servers import SystemServer, Unavailable, system_programs, system_user

GUIDE = (ROOT / "docs/tls.md").read_text()
SERVICES = ["pgerp_service_accounting", "pgerp_service_payroll", "pgerp_service_application"]
# Logins of the operator's, with the role that each is a member of; all have a password.
LOGINS = {
    "deployer": "pgerp_migrator",
    "till": "pgerp_app",
    "reporter": "pgerp_readonly",
    "revisor": "pgerp_auditor",
    "watcher": "pgerp_monitor",
    "dumper": "pgerp_backup",
}
PASSWORD = "a password of the tests"


def block(language: str) -> str:
    (text,) = re.findall(rf"```{language}\n(.*?)```", GUIDE, re.DOTALL)
    return str(text)


def make_certificates(folder: Path) -> None:
    """Run the commands of the guide for a server that is called localhost."""
    folder.mkdir()
    script = block("sh").replace("db.example.com", "localhost")
    subprocess.run(["/bin/sh", "-ec", script], cwd=folder, check=True, capture_output=True)


@dataclass(frozen=True)
class Secured:
    """The server of the guide.

    Attributes:
        server: Its process and data.
        port: Of the loopback address.
        certificates: The folder with what the guide's commands made.
        socket: The folder of its socket.
    """

    server: SystemServer
    port: int
    certificates: Path
    socket: Path

    def url(self, login: str, **more: str) -> str:
        """Return the address as a careful client writes it, with its certificate if it has one."""
        options = {
            "user": login,
            "host": "localhost",
            "port": str(self.port),
            "dbname": "erp",
            "sslmode": "verify-full",
            "sslrootcert": str(self.certificates / "ca.crt"),
        }
        if login in LOGINS:
            options["password"] = PASSWORD
        if (self.certificates / f"{login}.crt").exists():
            options |= self.certificate(login)
        return build_url({**options, **more})

    def certificate(self, login: str) -> dict[str, str]:
        return {
            "sslcert": str(self.certificates / f"{login}.crt"),
            "sslkey": str(self.certificates / f"{login}.key"),
        }

    def put(self, name: str, source: Path) -> None:
        """Put a file into the data directory, as its user's own."""
        target = self.server.data / name
        shutil.copyfile(source, target)
        target.chmod(0o600)
        system_user().own(target)

    def reload(self) -> None:
        found = postmaster.find(self.server.data)
        assert found is not None
        os.kill(found.pid, signal.SIGHUP)

    def handshake(self, *options: str) -> str:
        """Return what openssl says of its attempt, all its own limits taken off."""
        command = ["openssl", "s_client", "-starttls", "postgres", "-connect"]
        command += [f"127.0.0.1:{self.port}", "-CAfile", str(self.certificates / "ca.crt")]
        done = subprocess.run(
            [*command, *options], stdin=subprocess.DEVNULL, capture_output=True, text=True
        )
        return done.stdout + done.stderr


def start_secured(scratch: Path, name: str) -> Secured:
    """Carry out the guide; the test is skipped where the machine cannot."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed, and makes the certificates")
    try:
        programs = system_programs()
        system_user()
    except Unavailable as error:
        pytest.skip(f"the embedded server has no TLS, and {error}")
    certificates = scratch / f"guide-certificates-{name}"
    make_certificates(certificates)
    folder = scratch / f"guide-{name}"
    before = SystemServer(folder, programs)
    url = before.start()
    ask(url, "CREATE DATABASE erp")
    erp = url.replace("/postgres?", "/erp?")
    for words in (["up"], ["seed", "reference"]):
        assert run(erp, *words).exit_code == 0
    ask(erp, "SET password_encryption = 'scram-sha-256';"
             + "".join(f"CREATE ROLE {login} LOGIN PASSWORD '{PASSWORD}' IN ROLE {role};"
                       for login, role in LOGINS.items())
             + "ALTER ROLE dumper REPLICATION; CREATE ROLE stranger LOGIN PASSWORD 'x';"
             "GRANT CONNECT ON DATABASE erp TO stranger")  # fmt: skip
    before.stop()
    settings = dict(re.findall(r"^(\w+) = '?(.*?)'?$", block("ini"), re.MULTILINE))
    with socket.create_server(("127.0.0.1", 0)) as free:
        settings |= {"listen_addresses": "127.0.0.1", "port": str(free.getsockname()[1])}
    server = SystemServer(folder, programs, **settings)
    found = Secured(server, int(settings["port"]), certificates, folder / "socket")
    for name in ("server.crt", "server.key", "ca.crt"):
        found.put(name, certificates / name)
    (certificates / "pg_hba.conf").write_text(block("conf"))
    found.put("pg_hba.conf", certificates / "pg_hba.conf")
    server.start()
    return found


def until_served(secured: Secured, what: str) -> None:
    """Have the server read its certificate again, and wait until it shows it."""
    secured.reload()
    deadline = time.monotonic() + 20
    # RFC 5280's error 10 of OpenSSL: the certificate has expired.
    while ("Verify return code: 10 " in secured.handshake()) is not (what == "expired"):
        assert time.monotonic() < deadline
        time.sleep(0.05)
