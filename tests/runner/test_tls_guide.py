"""docs/tls.md, carried out: its certificates, its settings, its pg_hba.conf, on a real server."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from pgerp.config import build_url
from pgerp.db import connect
from pgerp.errors import PgerpError
from tests.conftest import ROOT
from tests.runner.secured import (
    GUIDE,
    LOGINS,
    PASSWORD,
    SERVICES,
    Secured,
    make_certificates,
    start_secured,
    until_served,
)
from tests.servers import system_programs, system_user


@pytest.fixture(scope="module")
def secured(scratch: Path, worker_id: str) -> Secured:
    return start_secured(scratch, worker_id)


def refusal(url: str) -> str:
    """Return the SQLSTATE with which a connection is refused."""
    with pytest.raises(PgerpError) as error:
        connect(url).close()
    assert error.value.sqlstate is not None
    return error.value.sqlstate


def test_verify_full_with_the_authority_connects_and_the_server_says_so(secured: Secured) -> None:
    for login in (*LOGINS, "pgerp_service_accounting", "pgerp_service_payroll"):
        with connect(secured.url(login)) as conn:
            row = conn.execute(
                "SELECT s.ssl, s.version, s.bits >= 128, session_user::text, s.client_dn"
                " FROM pg_stat_ssl AS s WHERE s.pid = pg_backend_pid()"
            ).fetchone()
        assert row is not None
        assert row[0] is True
        assert row[1] in ("TLSv1.2", "TLSv1.3")
        assert row[2] is True
        assert row[3] == login
        has_certificate = "sslcert" in secured.url(login)
        assert row[4] == (f"/CN={login}" if has_certificate else None)


def test_an_unknown_authority_another_name_and_an_expired_certificate_are_refused(
    secured: Secured, tmp_path: Path
) -> None:
    make_certificates(tmp_path / "other")
    assert refusal(secured.url("till", sslrootcert=str(tmp_path / "other/ca.crt"))) == "08001"
    assert refusal(secured.url("till", host="127.0.0.1")) == "08001"
    request = ["openssl", "x509", "-req", "-copy_extensions", "copy", "-days", "0"]
    request += ["-in", "server.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial"]
    request += ["-out", str(tmp_path / "expired.crt")]
    subprocess.run(request, cwd=secured.certificates, check=True, capture_output=True)
    time.sleep(1.1)
    secured.put("server.crt", tmp_path / "expired.crt")
    try:
        until_served(secured, "expired")
        assert refusal(secured.url("till")) == "08001"
        # Only who looks at the certificate is safe from it.
        connect(secured.url("till", sslmode="require", sslrootcert="")).close()
    finally:
        secured.put("server.crt", secured.certificates / "server.crt")
        until_served(secured, "fine")
    connect(secured.url("till")).close()


@pytest.mark.parametrize("login", [*SERVICES, *LOGINS, "pgerp_owner", "postgres", "stranger"])
@pytest.mark.parametrize("sslmode", ["disable", "allow"])
def test_nobody_is_let_in_without_tls(secured: Secured, login: str, sslmode: str) -> None:
    """With `allow` the driver tries without first, and then with: what comes in has TLS."""
    if sslmode == "disable":
        assert refusal(secured.url(login, sslmode="disable", password=PASSWORD)) == "28000"
        assert replication(secured, login, sslmode="disable") == "28000"
    elif login in LOGINS:
        with connect(secured.url(login, sslmode="allow", sslrootcert="")) as conn:
            assert conn.pgconn.ssl_in_use


def replication(secured: Secured, login: str, **more: str) -> str | None:
    """Return the SQLSTATE with which a connection for copies is refused; None if it is not."""
    try:
        connect(secured.url(login, **{"password": PASSWORD, **more}), replication="true").close()
    except PgerpError as error:
        return error.sqlstate
    return None


def test_only_who_copies_the_server_may_replicate_and_needs_certificate_and_password(
    secured: Secured,
) -> None:
    assert replication(secured, "dumper") is None
    assert replication(secured, "dumper", sslcert="", sslkey="") == "28000"
    assert replication(secured, "dumper", password="wrong") == "28P01"
    for login in (*SERVICES, *LOGINS, "stranger"):
        if login != "dumper":
            assert replication(secured, login) == "28000", login


def test_the_superuser_the_owner_and_strangers_do_not_come_over_the_network(
    secured: Secured,
) -> None:
    for login in ("postgres", "pgerp_owner", "stranger"):
        assert refusal(secured.url(login, password="x")) == "28000"


@pytest.mark.parametrize("login", SERVICES[:2])
def test_the_certificate_of_a_service_lets_it_in_as_itself_only(
    secured: Secured, login: str
) -> None:
    other = SERVICES[1 - SERVICES.index(login)]
    with connect(secured.url(login)) as conn:
        assert conn.execute("SELECT count(*) FROM identity.tenants").fetchone() == (0,)
    assert refusal(secured.url(login, **secured.certificate(other))) == "28000"
    assert refusal(secured.url(login, **secured.certificate("dumper"))) == "28000"
    assert refusal(secured.url(login, sslcert="", sslkey="", password=PASSWORD)) == "28000"


def test_a_certificate_of_another_authority_lets_nobody_in(
    secured: Secured, tmp_path: Path
) -> None:
    make_certificates(tmp_path / "other")
    forged = {"sslcert": "pgerp_service_accounting.crt", "sslkey": "pgerp_service_accounting.key"}
    forged = {key: str(tmp_path / "other" / name) for key, name in forged.items()}
    assert refusal(secured.url("pgerp_service_accounting", **forged)) == "08001"


def test_who_dumps_needs_certificate_and_password(secured: Secured) -> None:
    connect(secured.url("dumper")).close()
    assert refusal(secured.url("dumper", sslcert="", sslkey="")) == "28000"
    assert refusal(secured.url("dumper", password="wrong")) == "28P01"
    # By the server's own account: the method failed, though it was the name in the certificate.
    accounting = secured.certificate("pgerp_service_accounting")
    assert refusal(secured.url("dumper", **accounting)) == "28P01"
    dump = [str(system_programs() / "pg_dump"), "--role=pgerp_backup", "--schema=ledger"]
    done = subprocess.run(
        [*dump, secured.url("dumper")], capture_output=True, text=True, check=True
    )
    assert "COPY ledger.currencies" in done.stdout


def test_passwords_are_kept_as_scram(secured: Secured) -> None:
    with as_postgres(secured) as psql:
        assert psql("SHOW password_encryption") == "scram-sha-256"
        assert psql("SELECT count(*) FROM pg_authid WHERE rolpassword !~ '^SCRAM-SHA-256'") == "0"
        assert psql("SELECT count(*) FROM pg_hba_file_rules WHERE error IS NOT NULL") == "0"


@contextmanager
def as_postgres(secured: Secured) -> Iterator[Callable[[str], str]]:
    """Work as the superuser the only way there is: on the machine, as its user."""
    if os.geteuid() != 0:
        pytest.skip("only root can work as the user postgres")

    def psql(query: str) -> str:
        command = [system_programs() / "psql", "-h", secured.socket, "-p", str(secured.port)]
        code, said = system_user().run([*command, "-U", "postgres", "-XAtc", query, "erp"])
        assert code == 0, said
        return said

    yield psql


def test_on_the_machine_itself_one_is_who_one_is(secured: Secured) -> None:
    where = {"host": str(secured.socket), "port": str(secured.port), "dbname": "erp"}
    for login in ("pgerp_owner", "deployer", *(["postgres"] if os.geteuid() == 0 else [])):
        assert refusal(build_url({**where, "user": login, "password": PASSWORD})) == "28000"


def test_old_protocols_and_weak_ciphers_are_refused_by_the_server(secured: Secured) -> None:
    # Alert 70 is protocol_version, 40 handshake_failure (RFC 8446 section 6).
    old = secured.handshake("-tls1_1", "-cipher", "DEFAULT:@SECLEVEL=0")
    assert "SSL alert number 70" in old
    weak = secured.handshake("-tls1_2", "-cipher", "AES128-SHA:@SECLEVEL=0")
    assert "SSL alert number 40" in weak
    fine = secured.handshake("-tls1_2", "-verify_return_error")
    assert re.search(r"^ *Protocol *: TLSv1\.2$", fine, re.MULTILINE)
    assert "alert number" not in fine


def test_the_runner_works_with_it_by_its_variable(secured: Secured, tmp_path: Path) -> None:
    def pgerp(*words: str, **more: str) -> int:
        environment = {key: text for key, text in os.environ.items() if not key.startswith("PG")}
        return subprocess.run(
            [sys.executable, ROOT / "migrate.py", *words],
            cwd=tmp_path,
            env={**environment, "PGERP_DATABASE_URL": secured.url("deployer", **more)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        ).returncode

    assert pgerp("status") == 0
    with connect(secured.url("deployer")) as conn:
        conn.execute("SET ROLE pgerp_owner")
        conn.execute("UPDATE pgerp.repeatables SET checksum = repeat('0', 64) WHERE kind = 'grant'")
    assert pgerp("status") == 1
    assert pgerp("up", sslmode="disable") == 2
    assert pgerp("up", sslrootcert=str(secured.certificates / "dumper.crt")) == 2
    assert pgerp("status") == 1
    assert pgerp("up") == 0
    assert pgerp("status") == 0


def test_the_command_of_the_guide_is_what_was_tried(secured: Secured) -> None:
    (url,) = re.findall(r'PGERP_DATABASE_URL="(.*?)" pgerp status', GUIDE)
    given = psycopg.conninfo.conninfo_to_dict(url)
    tried = psycopg.conninfo.conninfo_to_dict(secured.url("deployer"))
    assert {*given} - {"port"} <= {*tried}
    assert (given["sslmode"], given["user"], given["dbname"]) == ("verify-full", "deployer", "erp")
