"""Where the database URL comes from: the order of settings, .env files, forms of addresses."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgerp.config import build_url, home_directory, read_env, resolve_url
from pgerp.db import parse_url, safe_url
from pgerp.encryption import FILE_VARIABLE
from pgerp.errors import PgerpError

URL = "postgresql://u@h:5432/d"
SECRET = "s3cr3t-w0rd"


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("PGERP_", "DB_", "PG")):
            monkeypatch.delenv(name)


def write_env(folder: Path, *lines: str) -> None:
    (folder / ".env").write_text("\n".join(lines) + "\n")


def test_without_any_setting_the_embedded_server_is_meant(tmp_path: Path) -> None:
    assert resolve_url(None, tmp_path) is None


@pytest.mark.parametrize(
    ("option", "environment", "env_file", "database"),
    [
        (f"{URL}1", {"PGERP_DATABASE_URL": f"{URL}2"}, {"PGERP_DATABASE_URL": f"{URL}3"}, "d1"),
        (None, {"PGERP_DATABASE_URL": f"{URL}2", "DB_NAME": "n"}, {}, "d2"),
        (None, {"DB_NAME": "n2"}, {"PGERP_DATABASE_URL": f"{URL}3"}, "n2"),
        (None, {}, {"PGERP_DATABASE_URL": f"{URL}3", "DB_NAME": "n3"}, "d3"),
        (None, {}, {"DB_NAME": "n3"}, "n3"),
        (None, {"DB_NAME": "n2"}, {"DB_NAME": "n3"}, "n2"),
        (None, {"PGERP_DATABASE_URL": ""}, {"DB_NAME": "n3"}, "n3"),
        (None, {"DB_PASSWORD": "p"}, {"PGERP_DATABASE_URL": f"{URL}3"}, "d3"),
    ],
)
def test_the_option_goes_before_the_environment_and_that_before_the_file(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    option: str | None,
    environment: dict[str, str],
    env_file: dict[str, str],
    database: str,
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    write_env(tmp_path, *(f"{name}={value}" for name, value in env_file.items()))
    found = resolve_url(option, tmp_path)
    assert found is not None
    assert parse_url(found)["dbname"] == database


def test_a_password_in_the_environment_completes_the_rest_in_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_env(tmp_path, "DB_HOST=db.example", "DB_PORT=6432", "DB_NAME=books", "DB_USER=ann")
    monkeypatch.setenv("DB_PASSWORD", "p@ss/w:rd?#%")
    url = resolve_url(None, tmp_path)
    assert url is not None
    assert parse_url(url) == {
        "host": "db.example",
        "port": "6432",
        "dbname": "books",
        "user": "ann",
        "password": "p@ss/w:rd?#%",
    }


def test_tls_settings_are_passed_on_from_db_variables_and_from_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_env(tmp_path, "PGSSLROOTCERT=/ca.pem", "PGSSLMODE=require", "PGSSLCERT=/file.pem")
    monkeypatch.setenv("DB_HOST", "h")
    monkeypatch.setenv("DB_SSLMODE", "verify-full")
    monkeypatch.setenv("PGSSLCERT", "/environment.pem")
    url = resolve_url(None, tmp_path)
    assert url is not None
    found = parse_url(url)
    assert found["sslmode"] == "verify-full"
    assert found["sslrootcert"] == "/ca.pem"
    # libpq reads this one from the environment itself.
    assert "sslcert" not in found


def test_the_url_keeps_its_own_tls_options(tmp_path: Path) -> None:
    write_env(tmp_path, "PGSSLMODE=disable", "PGPASSWORD=other")
    url = resolve_url("postgresql://u:own@h/d?sslmode=verify-ca&sslrootcert=/x.pem", tmp_path)
    assert url is not None
    found = parse_url(url)
    assert (found["sslmode"], found["sslrootcert"]) == ("verify-ca", "/x.pem")
    assert found["password"] == "own"


def test_a_port_without_host_and_name_is_an_error_not_the_embedded_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DB_PORT", "5433")
    with pytest.raises(PgerpError):
        resolve_url(None, tmp_path)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A=b", {"A": "b"}),
        ("export A=b", {"A": "b"}),
        ("  A = b  ", {"A": "b"}),
        ("# A=b", {}),
        ("A=b # comment", {"A": "b"}),
        ("A=b#c", {"A": "b#c"}),
        ("A=# comment", {"A": ""}),
        ("A=", {"A": ""}),
        ("A='x # y'", {"A": "x # y"}),
        ("A='x\\n$B'  # comment", {"A": "x\\n$B"}),
        ('A="x # \\"y\\"\\n\\\\z"', {"A": 'x # "y"\n\\z'}),
        ("A=p=q&r=s", {"A": "p=q&r=s"}),
        ("A=1\nA=2", {"A": "2"}),
        ("A=1\r\nB=2\r\n", {"A": "1", "B": "2"}),
        ("\ufeffA=1", {"A": "1"}),
        ("A='two\nlines'\nB=2", {"A": "two\nlines", "B": "2"}),
        ("not a setting\nA=1", {"A": "1"}),
        ("A='b' c\nB=1", {"B": "1"}),
        ("A=$B${C}", {"A": "$B${C}"}),
    ],
)
def test_env_files_are_read_as_written(tmp_path: Path, text: str, expected: dict[str, str]) -> None:
    (tmp_path / ".env").write_bytes(text.encode())
    assert read_env(tmp_path / ".env") == expected


@pytest.mark.parametrize("broken", ["'unclosed", '"unclosed', "'value' and-more"])
def test_a_broken_value_of_ours_is_named_by_file_and_line(tmp_path: Path, broken: str) -> None:
    (tmp_path / ".env").write_text(f"A=1\nDB_PASSWORD={broken}\n")
    with pytest.raises(PgerpError) as failure:
        read_env(tmp_path / ".env")
    assert failure.value.where == f"{tmp_path / '.env'}:2"
    assert broken not in str(failure.value)


def test_an_env_file_that_is_not_text_is_an_error(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"DB_HOST=\xff\xfe")
    with pytest.raises(PgerpError) as failure:
        resolve_url(None, tmp_path)
    assert failure.value.where == str(tmp_path / ".env")


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u@h/d",
        "postgres://u@h/d",
        " postgresql://u@h/d\n",
        "postgresql:///d?host=/run/pg&user=u",
        "postgresql://u@h1:1,h2:2/d",
        "host=h dbname=d user=u",
        "host = h dbname='d' user=u",
        "dbname=d options='-c search_path=a://b'",
    ],
)
def test_every_form_that_libpq_takes_is_taken(tmp_path: Path, url: str) -> None:
    found = resolve_url(url, tmp_path)
    assert found is not None
    assert parse_url(found)["dbname"] == "d"


@pytest.mark.parametrize(
    "url",
    [
        "mysql://u@h/d",
        "postgresql+psycopg://u@h/d",
        "books",
        f"postgresql://u:{SECRET}@more@h/d",
        f"postgresql://u:{SECRET}/more@h/d",
    ],
)
def test_another_form_is_refused_and_not_quoted(tmp_path: Path, url: str) -> None:
    with pytest.raises(PgerpError) as failure:
        resolve_url(url, tmp_path)
    assert SECRET not in str(failure.value)


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://u:{SECRET}@h:5432/d",
        f"postgresql://h/d?password={SECRET}",
        f"postgresql://h/d?sslpassword={SECRET}",
        f"host=h password={SECRET} dbname=d",
        f"host=h password='{SECRET}' dbname=d",
        f"host=h password='{SECRET}",
        f"postgresql://u:{SECRET}@h/d?nonsense",
        f"postgresql://u:{SECRET}@h/d?unknown=1",
        f"postgresql://u:{SECRET}",
    ],
)
def test_a_password_is_never_displayed(url: str) -> None:
    assert SECRET not in safe_url(url)


def test_the_display_keeps_everything_else() -> None:
    url = f"postgresql://u:{SECRET}@h:5432/d?sslmode=require"
    assert safe_url(url) == "postgresql://u@h:5432/d?sslmode=require"


def test_an_address_with_ipv6_or_a_socket_folder_is_written_and_read_alike() -> None:
    for host in ("::1", "/run/my pg", "h1,h2"):
        parts = {"host": host, "port": "1" if "," not in host else "1,2", "dbname": "d"}
        assert parse_url(build_url(parts)) == parts


NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)


@given(user=NAMES, password=NAMES, dbname=NAMES)
def test_any_name_and_password_survives_the_way_through_a_url(
    user: str, password: str, dbname: str
) -> None:
    parts = {"user": user, "password": password, "host": "h", "dbname": dbname}
    assert parse_url(build_url(parts)) == parts


def test_a_checkout_keeps_its_data_at_its_root(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert home_directory() == Path(__file__).resolve().parents[2]


def test_the_example_env_file_has_only_settings_that_are_read(tmp_path: Path) -> None:
    example = (Path(__file__).resolve().parents[2] / ".env.example").read_text()
    (tmp_path / ".env").write_text(re.sub(r"^# (?=[A-Z_]+=)", "", example, flags=re.MULTILINE))
    settings = read_env(tmp_path / ".env")
    parts = {"DB_HOST", "DB_PORT", "DB_NAME", "DB_USER", "DB_PASSWORD", "DB_SSLMODE"}
    assert set(settings) == {"PGERP_DATABASE_URL", FILE_VARIABLE, *parts}
    url = resolve_url(None, tmp_path)
    assert url is not None
    assert "db.example.com" in url
