"""Gateways: what they are handed, what they refuse, and what they never tell."""

from __future__ import annotations

import json
import os
import ssl
import stat
import threading
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from pgerp.errors import PgerpError
from pgerp.messaging.filegateway import FileGateway
from pgerp.messaging.gateway import Outgoing, Refused, Unavailable
from pgerp.messaging.httpgateway import HttpGateway
from tests.messaging.workers import Gateway, listening

MESSAGE = Outgoing("m-1", "sms", "+254722000001", None, 'Dear Mary,\n"ok" ç')
TOKEN = "s3cret-token"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_message_is_a_line_of_json_for_the_owners_eyes_only(tmp_path: Path) -> None:
    path = tmp_path / "messages.jsonl"
    gateway = FileGateway(path)
    assert [gateway.send(MESSAGE), gateway.send(MESSAGE)] == ["m-1", "m-1"]
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert len(lines) == 2
    assert {name: lines[0][name] for name in ("id", "channel", "to", "subject", "body")} == {
        "id": "m-1",
        "channel": "sms",
        "to": "+254722000001",
        "subject": None,
        "body": MESSAGE.body,
    }
    assert mode(path) == 0o600


def test_a_file_that_others_read_a_link_or_no_folder_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "messages.jsonl"
    path.touch(mode=0o644)
    (tmp_path / "link").symlink_to(path)
    for place in (path, tmp_path / "link", tmp_path / "none" / "messages.jsonl"):
        with pytest.raises(PgerpError):
            FileGateway(place)
    path.chmod(0o600)
    gateway = FileGateway(path)
    path.chmod(0o640)
    with pytest.raises(Unavailable):
        gateway.send(MESSAGE)
    assert path.read_text() == ""


def test_threads_share_a_file_and_every_line_is_whole(tmp_path: Path) -> None:
    gateway = FileGateway(tmp_path / "messages.jsonl")
    long = Outgoing("m-2", "email", "a@example.com", "Loan", "x" * 20000)
    threads = [
        threading.Thread(target=lambda: [gateway.send(long) for _ in range(20)]) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lines = (tmp_path / "messages.jsonl").read_text().splitlines()
    assert [len(json.loads(line)["body"]) for line in lines] == [20000] * 80


def test_a_line_that_does_not_fit_on_the_disk_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway = FileGateway(tmp_path / "messages.jsonl")
    gateway.send(MESSAGE)
    write = os.write
    budget = [10]

    def small(handle: int, data: bytes) -> int:
        if budget[0] == 0:
            raise OSError(28, "No space left on device")
        budget[0] = 0
        return write(handle, data[:10])

    monkeypatch.setattr(os, "write", small)
    with pytest.raises(Unavailable, match="No space left"):
        gateway.send(MESSAGE)
    monkeypatch.undo()
    gateway.send(MESSAGE)
    lines = (tmp_path / "messages.jsonl").read_text().splitlines()
    assert [json.loads(line)["id"] for line in lines] == ["m-1", "m-1"]


def test_a_post_has_the_message_its_id_twice_and_the_token() -> None:
    with listening() as here:
        assert HttpGateway(here.url, TOKEN).send(MESSAGE) == "g-1"
        ((headers, content),) = here.posts
    assert content == {
        "id": "m-1",
        "channel": "sms",
        "to": "+254722000001",
        "subject": None,
        "body": MESSAGE.body,
    }
    assert headers["Authorization"] == f"Bearer {TOKEN}"
    assert headers["Idempotency-Key"] == "m-1"


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (b"", "m-1"),
        (b"ok", "m-1"),
        (b"[1]", "m-1"),
        (b'{"id": 17}', "17"),
        (b'{"id": true}', "m-1"),
        (b'{"id": ""}', "m-1"),
        (b'{"id": " g "}', "m-1"),
        (b'{"id": "a\\u0000b"}', "m-1"),
        (b'{"id": "' + b"x" * 201 + b'"}', "m-1"),
        (b'{"id": "' + b"x" * 100000 + b'"}', "m-1"),
        (b"[" * 50000, "m-1"),
        (b"\xff\xfe", "m-1"),
    ],
)
def test_an_answer_of_any_form_takes_the_message(answer: bytes, expected: str) -> None:
    with listening() as here:
        here.answers = [(202, {}, answer)]
        assert HttpGateway(here.url).send(MESSAGE) == expected
        assert "Authorization" not in here.posts[0][0]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422])
def test_what_the_gateway_will_not_take_is_refused_for_good(status: int) -> None:
    with listening() as here:
        here.answers = [(status, {}, b'{"error": "no such number +254722000001"}')]
        with pytest.raises(Refused) as error:
            HttpGateway(here.url, TOKEN).send(MESSAGE)
    assert str(error.value) == f"the gateway answered {status}"


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 0])
def test_what_the_gateway_cannot_take_now_is_for_later(status: int) -> None:
    with listening() as here:
        here.answers = [(status, {}, b"busy with +254722000001")]
        with pytest.raises(Unavailable) as error:
            HttpGateway(here.url, TOKEN).send(MESSAGE)
    assert "254" not in str(error.value)
    assert TOKEN not in str(error.value)


def test_a_redirect_is_not_followed_since_it_would_take_the_token_elsewhere() -> None:
    with listening() as here, listening() as elsewhere:
        for status in (301, 302, 303, 307, 308):
            here.answers = [(status, {"Location": elsewhere.url}, b"")]
            with pytest.raises(Refused):
                HttpGateway(here.url, TOKEN).send(MESSAGE)
        assert elsewhere.posts == []


def test_a_gateway_that_does_not_answer_or_is_not_there_is_for_later() -> None:
    with listening() as here:
        here.hold.clear()
        with pytest.raises(Unavailable):
            HttpGateway(here.url, timeout_s=0.2).send(MESSAGE)
    with pytest.raises(Unavailable):
        HttpGateway(here.url, timeout_s=0.2).send(MESSAGE)


def self_signed(folder: Path) -> Path:
    """Return a file with a certificate for 127.0.0.1 that nobody vouches for, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), False
        )
        .sign(key, hashes.SHA256())
    )
    file = folder / "gateway.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return file


def test_a_certificate_of_nobody_known_is_not_trusted(tmp_path: Path) -> None:
    gateway = Gateway()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(self_signed(tmp_path))
    gateway.server.socket = context.wrap_socket(gateway.server.socket, server_side=True)
    thread = threading.Thread(target=gateway.server.serve_forever, args=[0.05])
    thread.start()
    try:
        with pytest.raises(Unavailable, match="certificate"):
            HttpGateway(gateway.url.replace("http:", "https:"), TOKEN).send(MESSAGE)
        assert gateway.posts == []
    finally:
        gateway.server.shutdown()
        gateway.server.server_close()
        thread.join()


@pytest.mark.parametrize(
    ("url", "token"),
    [
        ("http://sms.example.com/send", None),
        ("http://127.0.0.1.example.com/", None),
        ("ftp://127.0.0.1/", None),
        ("file:///etc/passwd", None),
        ("sms.example.com", None),
        ("https://sms.example.com", "two\nlines"),
        ("https://sms.example.com", "Bearer x"),
        ("https://sms.example.com", "tökén"),
    ],
)
def test_an_address_or_token_that_would_be_unsafe_is_refused(url: str, token: str | None) -> None:
    with pytest.raises(PgerpError) as error:
        HttpGateway(url, token)
    assert token is None or token not in str(error.value)


def test_neither_message_nor_token_shows_where_objects_are_printed() -> None:
    shown = repr(MESSAGE) + repr(HttpGateway("https://sms.example.com", TOKEN))
    assert "254" not in shown
    assert "Mary" not in shown
    assert TOKEN not in shown
