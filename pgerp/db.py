"""Connections to PostgreSQL, with every way in which connecting fails told in one paragraph."""

from __future__ import annotations

import re
from typing import NamedTuple

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from pgerp.config import build_url
from pgerp.errors import PgerpError

OLDEST_VERSION = 15
CONNECT_TIMEOUT_S = 10
_SECRETS = ("password", "sslpassword")


class _Failure(NamedTuple):
    pattern: str
    sqlstate: str
    message: str
    hint: str


# libpq does not hand out the SQLSTATE of a failed connection, so it is told from the text. First
# match wins; a server that speaks another language ends in the general case below.
_FAILURES = tuple(
    _Failure(*row)
    for row in (
        (
            r"password authentication failed|no password supplied",
            "28P01",
            "the server refuses the password",
            "Set the right one in the URL, DB_PASSWORD, PGPASSWORD or ~/.pgpass.",
        ),
        (
            r"requires a valid client certificate|certificate authentication failed",
            "28000",
            "the server wants a certificate of this role",
            "Set sslcert and sslkey to a certificate whose common name is the role's.",
        ),
        (
            r"pg_hba\.conf rejects",
            "28000",
            "the server refuses this role by this way",
            "Use TLS (sslmode=verify-full), and a role that may come from here: see pg_hba.conf.",
        ),
        (
            r"is not permitted to log in",
            "28000",
            "the role may not log in",
            "Connect as another role, or have an administrator run ALTER ROLE … LOGIN.",
        ),
        (
            r"role \".*\" does not exist|no pg_hba.conf entry|authentication failed for user",
            "28000",
            "the server does not let this role in",
            "Check the user name; the server's pg_hba.conf must allow role, database and address.",
        ),
        (
            r"database \".*\" does not exist",
            "3D000",
            "the database does not exist",
            "Create it with createdb, or correct the name in the URL or DB_NAME.",
        ),
        (
            r"permission denied for database",
            "42501",
            "the role may not connect to this database",
            "Have its owner run GRANT CONNECT ON DATABASE … TO the role.",
        ),
        (
            r"is not currently accepting connections",
            "55000",
            "the database does not accept connections",
            "Have an administrator run ALTER DATABASE … ALLOW_CONNECTIONS true.",
        ),
        (
            r"starting up|shutting down|not accepting connections|recovery mode",
            "57P03",
            "the server is starting or stopping",
            "Wait a moment and run the same command again.",
        ),
        (
            r"too many (clients|connections)|remaining connection slots",
            "53300",
            "the server has no connection left",
            "Close idle sessions, raise max_connections, or use a session pool.",
        ),
        (
            r"\bSSL\b|certificate|\bTLS\b|private key file",
            "08001",
            "no secure connection could be made",
            "Check sslmode, sslrootcert, sslcert and sslkey in the URL, DB_SSL… or PGSSL….",
        ),
        (
            r"refused|no such file|time.?.?out|unreachable|no route|(translat|resolv)e host|closed",
            "08001",
            "no server answers at this address",
            "Check host and port; without any address pgerp starts an embedded server of its own.",
        ),
    )
)


def parse_url(url: str) -> dict[str, str]:
    """Take a URL or keyword string apart with libpq's own parser.

    Args:
        url: A `postgresql://` URL or libpq keywords.

    Returns:
        libpq keyword -> value.

    Raises:
        PgerpError: libpq cannot read it; its own message is withheld, since it may quote a
            misplaced password.
    """
    try:
        parameters = {key: str(value) for key, value in conninfo_to_dict(url).items()}
        if not re.fullmatch(r"[0-9, ]*", parameters.get("port", "")):
            raise psycopg.ProgrammingError("the port is not a number")
    except psycopg.Error as error:
        raise PgerpError(
            "the database URL cannot be read",
            hint="Percent-encode special characters in user name and password, and use only "
            "libpq's parameters after the question mark.",
        ) from error.with_traceback(None)
    return parameters


def safe_url(url: str) -> str:
    """Return a connection string for display: a URL without any password.

    Args:
        url: A `postgresql://` URL or libpq keywords; an unreadable one is not shown at all.
    """
    try:
        parameters = parse_url(url)
    except PgerpError:
        return "(unreadable database URL)"
    return build_url({key: value for key, value in parameters.items() if key not in _SECRETS})


def connect(url: str, *, autocommit: bool = True, **options: str) -> psycopg.Connection:
    """Connect to a database.

    Statements are never prepared by the driver, so that DDL in between and transaction pooling
    do no harm. TLS options in the URL or in PGSSL… variables go to libpq as they are.

    Args:
        url: A `postgresql://` URL or libpq keywords.
        autocommit: False opens a transaction at the first statement.
        options: More libpq parameters; they win over the URL's.

    Returns:
        An open connection, client encoding UTF-8, application name `pgerp` unless the URL or
        PGAPPNAME has another.

    Raises:
        PgerpError: No server, wrong password, unknown database, role that may not log in, TLS
            failure, a server older than 15, with SQLSTATE and remedy; never the password.
    """
    parameters = {**parse_url(url), **options}
    parameters.setdefault("fallback_application_name", "pgerp")
    parameters.setdefault("connect_timeout", str(CONNECT_TIMEOUT_S))
    parameters["client_encoding"] = "UTF8"
    try:
        conn = psycopg.connect(
            make_conninfo(**parameters), autocommit=autocommit, prepare_threshold=None
        )
    except psycopg.Error as error:
        raise _connection_error(error, parameters) from error.with_traceback(None)
    _refuse_old_server(conn, parameters)
    return conn


def _address(parameters: dict[str, str]) -> str:
    keys = ("user", "host", "port", "dbname")
    return build_url({key: parameters[key] for key in keys if key in parameters})


def _connection_error(error: psycopg.Error, parameters: dict[str, str]) -> PgerpError:
    text = " ".join(str(error).split()).rstrip(".?")
    for failure in _FAILURES:
        if re.search(failure.pattern, text, re.IGNORECASE):
            break
    else:
        failure = _Failure(
            "", error.sqlstate or "08001", "the connection failed", "Check the connection settings."
        )
    return PgerpError(
        failure.message,
        where=_address(parameters),
        sqlstate=failure.sqlstate,
        detail=f"{text[:1].upper()}{text[1:]}.",
        hint=failure.hint,
    )


def _refuse_old_server(conn: psycopg.Connection, parameters: dict[str, str]) -> None:
    version = conn.info.server_version
    if version // 10000 >= OLDEST_VERSION:
        return
    conn.close()
    raise PgerpError(
        f"the server is PostgreSQL {version // 10000}.{version % 10000}",
        where=_address(parameters),
        sqlstate="0A000",
        detail=f"pgerp needs PostgreSQL {OLDEST_VERSION} or newer.",
        hint="Upgrade the server, or choose another one with --database-url.",
    )
