"""Where the database is: the order of the settings, .env files, and connection strings.

The order is: `--database-url`, then the environment, then `.env`. Within each of the latter two
`PGERP_DATABASE_URL` comes before `DB_HOST`, `DB_PORT`, `DB_NAME`, `DB_USER`, `DB_PASSWORD`. With
none of them pgerp uses its embedded server.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote, urlencode

import pgerp
from pgerp.errors import PgerpError

# Our variable -> libpq's keyword. DB_HOST or DB_NAME alone makes a target; the rest adds to it.
DB_VARIABLES = {
    "DB_HOST": "host",
    "DB_PORT": "port",
    "DB_NAME": "dbname",
    "DB_USER": "user",
    "DB_PASSWORD": "password",
    "DB_SSLMODE": "sslmode",
    "DB_SSLROOTCERT": "sslrootcert",
    "DB_SSLCERT": "sslcert",
    "DB_SSLKEY": "sslkey",
}
# libpq reads its own PG* variables from the environment; these few also count when .env has them.
PG_VARIABLES = {
    "PGPASSWORD": "password",
    "PGPASSFILE": "passfile",
    "PGSSLMODE": "sslmode",
    "PGSSLROOTCERT": "sslrootcert",
    "PGSSLCERT": "sslcert",
    "PGSSLKEY": "sslkey",
    "PGSSLCRL": "sslcrl",
    "PGCHANNELBINDING": "channel_binding",
}
URL_SCHEMES = ("postgresql://", "postgres://")

_ENV_LINE = re.compile(
    r"""^[ \t]*(?:export[ \t]+)?(?P<key>[A-Za-z_][A-Za-z0-9_.]*)[ \t]*=[ \t]*
        (?:'(?P<single>[^']*)'|"(?P<double>(?:\\.|[^"\\])*)"|(?P<plain>(?![ \t]*['"])[^\n]*))
        [ \t]*(?:\#[^\n]*)?$""",
    re.MULTILINE | re.VERBOSE | re.DOTALL,
)
_ENV_KEY = re.compile(r"^[ \t]*(?:export[ \t]+)?(?P<key>[A-Za-z_][A-Za-z0-9_.]*)[ \t]*=")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}


def home_directory() -> Path:
    """Return the folder that `.pgerp/` and `.env` belong to.

    Returns:
        The root of the checkout that this code runs from; for an installed wheel, the current
        directory.
    """
    root = Path(pgerp.__file__).resolve().parent.parent
    if (root / "migrate.py").is_file() and (root / "pyproject.toml").is_file():
        return root
    return Path.cwd()


def read_env(path: Path) -> dict[str, str]:
    """Read a `.env` file: `KEY=value` lines, `export`, comments, 'single' and "double" quotes.

    Single quotes keep everything as it is; double quotes know `\\n`, `\\r`, `\\t`, `\\"`, `\\\\`;
    quoted values may span lines. A ` #` ends an unquoted value. Nothing is interpolated, so a
    password may hold `$`. Lines of other forms belong to other programs and are passed over,
    unless they name a variable of ours.

    Args:
        path: The file; a missing one is an empty one.

    Returns:
        The variables of the file; the last of two equal names wins.

    Raises:
        PgerpError: The file cannot be read, or a variable of ours has a broken value.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise PgerpError(
            f"the settings file cannot be read: {error.__class__.__name__}",
            where=str(path),
            hint="It must be a UTF-8 text file that you may read.",
        ) from error
    values: dict[str, str] = {}
    position = 0
    while position < len(text):
        if match := _ENV_LINE.match(text, position):
            values[match["key"]] = _env_value(match)
            position = match.end() + 1
            continue
        end = text.find("\n", position)
        end = len(text) if end < 0 else end
        key = _ENV_KEY.match(text[position:end])
        if key and key["key"] in {"PGERP_DATABASE_URL", *DB_VARIABLES, *PG_VARIABLES}:
            line = text.count("\n", 0, position) + 1
            raise PgerpError(
                f"the value of {key['key']} cannot be read",
                where=f"{path}:{line}",
                hint="Close the quote, and leave nothing but a # comment after it.",
            )
        position = end + 1
    return values


def _env_value(match: re.Match[str]) -> str:
    if match["single"] is not None:
        return match["single"]
    if match["double"] is not None:
        return _ESCAPED.sub(lambda m: _ESCAPES.get(m[1], m[1]), match["double"])
    return re.sub(r"(^|[ \t])#.*$", "", match["plain"]).strip()


def build_url(parameters: Mapping[str, str]) -> str:
    """Write libpq parameters as one `postgresql://` URL, every part percent-encoded.

    Args:
        parameters: libpq keywords (`host`, `port`, `dbname`, `user`, `password`, `sslmode`, …);
            empty values are left out.

    Returns:
        The URL; hosts that are folders (Unix sockets) or lists stand in its query.
    """
    rest = {key: value for key, value in parameters.items() if value}
    user, password = rest.pop("user", ""), rest.pop("password", "")
    host, port, dbname = rest.get("host", ""), rest.get("port", ""), rest.pop("dbname", "")
    authority = quote(user, safe="")
    if password:
        authority += ":" + quote(password, safe="")
    if authority:
        authority += "@"
    if host and not any(c in host for c in "/,@"):
        authority += f"[{host}]" if ":" in host else quote(host, safe="")
        authority += f":{port}" if port else ""
        rest.pop("host")
        rest.pop("port", None)
    query = urlencode(rest, quote_via=quote, safe="/")
    return f"postgresql://{authority}/{quote(dbname, safe='')}" + (f"?{query}" if query else "")


def check_url(url: str, source: str) -> str:
    """Check that a connection string is of a form that PostgreSQL's own programs take.

    Args:
        url: A `postgresql://` or `postgres://` URL, or libpq keywords (`host=… dbname=…`).
        source: Where it was given, for the message, e.g. `--database-url`.

    Returns:
        The same string without surrounding white space.

    Raises:
        PgerpError: Another form, or a URL in which a special character was not percent-encoded
            (libpq would take part of the password for a host name, and show it).
    """
    url = url.strip()
    if url.startswith(URL_SCHEMES):
        address = url.split("://", 1)[1].split("?", 1)[0]
        if address.count("@") <= 1 and "@" not in address.partition("/")[2]:
            return url
        raise PgerpError(
            "the user name or password in the database URL has an unencoded special character",
            where=source,
            hint="Write @ as %40, / as %2F, ? as %3F, # as %23, % as %25 and : as %3A, "
            "or give the password in DB_PASSWORD or PGPASSWORD.",
        )
    if "://" not in url.split("=", 1)[0] and re.match(r"[a-z_]+\s*=", url):
        return url
    raise PgerpError(
        "this is not the address of a PostgreSQL database",
        where=source,
        hint="Write postgresql://user:password@host:5432/database, without a driver name after "
        "'postgresql', or libpq keywords: host=… dbname=… user=….",
    )


def resolve_url(option: str | None, directory: Path) -> str | None:
    """Find the database to work on.

    Args:
        option: The value of `--database-url`, if given.
        directory: The folder whose `.env` is read.

    Returns:
        A URL or libpq keyword string; None means the embedded server.

    Raises:
        PgerpError: The settings are unreadable, incomplete or not for PostgreSQL.
    """
    env_path = directory / ".env"
    from_file = read_env(env_path)
    if option:
        return _with_file_settings(check_url(option, "--database-url"), from_file)
    environment = dict(os.environ)
    merged = {**from_file, **{key: value for key, value in environment.items() if value}}
    for source, values in (("the environment", environment), (str(env_path), from_file)):
        if url := values.get("PGERP_DATABASE_URL"):
            checked = check_url(url, f"PGERP_DATABASE_URL in {source}")
            return _with_file_settings(checked, from_file)
        if values.get("DB_HOST") or values.get("DB_NAME"):
            parts = {word: merged.get(name, "") for name, word in DB_VARIABLES.items()}
            return _with_file_settings(build_url(parts), from_file)
    if incomplete := [name for name in DB_VARIABLES if merged.get(name)]:
        raise PgerpError(
            f"{', '.join(incomplete)} set, but neither DB_HOST nor DB_NAME",
            hint="Set DB_HOST and DB_NAME as well, or unset them all to use the embedded server.",
        )
    return None


def _with_file_settings(url: str, from_file: Mapping[str, str]) -> str:
    """Add the PG* settings of `.env` that neither the URL nor the environment has."""
    extra = {
        word: from_file[name]
        for name, word in PG_VARIABLES.items()
        if from_file.get(name) and not os.environ.get(name)
    }
    if not extra:
        return url
    from pgerp.db import parse_url

    return build_url({**extra, **parse_url(url)})
