"""TLS options reach libpq unchanged, from the URL, the environment and .env."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from pgerp.config import resolve_url
from pgerp.db import connect
from pgerp.errors import PgerpError
from tests.servers import Unavailable, start_system, system_programs, system_user

USES_TLS = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("PGERP_", "DB_", "PG")):
            monkeypatch.delenv(name)


def make_certificate(folder: Path, name: str) -> Path:
    """Make a key and a certificate for `localhost` signed by itself; return the latter."""
    certificate = folder / f"{name}.crt"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    command += ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    command += ["-keyout", str(folder / f"{name}.key"), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    return certificate


@pytest.fixture(scope="module")
def tls(scratch: Path, worker_id: str) -> tuple[str, Path]:
    """A server with TLS on the loopback address: its URL, and the certificate to trust."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed, and makes the certificate")
    try:
        programs, user = system_programs(), system_user()
    except Unavailable as error:
        pytest.skip(f"the embedded server has no TLS, and {error}")
    certificates = scratch / f"certificates-{worker_id}"
    certificates.mkdir()
    trusted = make_certificate(certificates, "server")
    key = trusted.with_suffix(".key")
    key.chmod(0o600)
    user.own(key)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    start_system(
        scratch / f"tls-{worker_id}",
        programs,
        listen_addresses="127.0.0.1",
        port=str(port),
        ssl="on",
        ssl_cert_file=str(trusted),
        ssl_key_file=str(key),
    )
    return f"postgresql://postgres@localhost:{port}/postgres", trusted


def test_verify_full_in_the_url_accepts_the_right_certificate(tls: tuple[str, Path]) -> None:
    url, certificate = tls
    with connect(f"{url}?sslmode=verify-full&sslrootcert={certificate}") as conn:
        assert conn.execute(USES_TLS).fetchone() == (True,)


def test_verify_full_refuses_another_name(tls: tuple[str, Path]) -> None:
    url, certificate = tls
    with pytest.raises(PgerpError) as failure:
        connect(
            f"{url}?sslmode=verify-full&sslrootcert={certificate}".replace("localhost", "127.0.0.1")
        )
    assert failure.value.sqlstate == "08001"


def test_verify_full_refuses_an_unknown_certificate(tls: tuple[str, Path], tmp_path: Path) -> None:
    url, _ = tls
    other = make_certificate(tmp_path, "other")
    with pytest.raises(PgerpError) as failure:
        connect(f"{url}?sslmode=verify-full&sslrootcert={other}")
    assert failure.value.sqlstate == "08001"


def test_a_missing_root_certificate_is_an_error(tls: tuple[str, Path], tmp_path: Path) -> None:
    url, _ = tls
    with pytest.raises(PgerpError) as failure:
        connect(f"{url}?sslmode=verify-full&sslrootcert={tmp_path / 'none.crt'}")
    assert failure.value.sqlstate == "08001"


def test_libpqs_own_variables_count(
    tls: tuple[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, certificate = tls
    monkeypatch.setenv("PGSSLMODE", "verify-full")
    monkeypatch.setenv("PGSSLROOTCERT", str(certificate))
    with connect(url) as conn:
        assert conn.execute(USES_TLS).fetchone() == (True,)
    monkeypatch.setenv("PGSSLROOTCERT", str(make_certificate(tmp_path, "other")))
    with pytest.raises(PgerpError):
        connect(url)


def test_tls_settings_in_an_env_file_count(tls: tuple[str, Path], tmp_path: Path) -> None:
    url, certificate = tls
    (tmp_path / ".env").write_text(
        f"PGERP_DATABASE_URL={url}\nPGSSLMODE=verify-full\nPGSSLROOTCERT={certificate}\n"
    )
    found = resolve_url(None, tmp_path)
    assert found is not None
    with connect(found) as conn:
        assert conn.execute(USES_TLS).fetchone() == (True,)
    other = make_certificate(tmp_path, "other")
    with (tmp_path / ".env").open("a") as env:
        env.write(f"PGSSLROOTCERT={other}\n")
    found = resolve_url(None, tmp_path)
    assert found is not None
    with pytest.raises(PgerpError):
        connect(found)
