"""What a repeatable file defines, told from its text: the path must be the name."""

from __future__ import annotations

import re

from pgerp.errors import PgerpError
from pgerp.sqltext import Statement, shorten

_GAP = r"(?:\s|--[^\n]*\n|/\*(?:[^*]|\*(?!/))*\*/)+"
_PART = r'(?:"(?:[^"]|"")+"|[^\W\d][\w$]*)'
_NAME = rf"(?:{_PART}\s*\.\s*)?{_PART}"
_QUALIFIED = re.compile(rf"(?<![\w$]){_PART}\s*\.\s*{_PART}")


def _pattern(text: str) -> re.Pattern[str]:
    text = text.replace("NAME", f"(?P<name>{_NAME})").replace("PART", f"(?P<part>{_PART})")
    return re.compile(text.replace(" ", _GAP), re.IGNORECASE | re.DOTALL)


_CREATE = {
    "function": _pattern(
        r"CREATE (?P<replace>OR REPLACE )?(?P<what>FUNCTION|PROCEDURE|AGGREGATE) NAME"
    ),
    "view": _pattern(
        r"CREATE (?P<replace>OR REPLACE )?(?:RECURSIVE )?(?P<what>VIEW|MATERIALIZED VIEW) "
        r"(?:IF NOT EXISTS )?NAME"
    ),
}
_ABOUT = {
    "function": _pattern(
        r"(?:COMMENT ON|GRANT|REVOKE|ALTER (?:FUNCTION|PROCEDURE|AGGREGATE|ROUTINE))\b"
    ),
    "view": _pattern(
        r"(?:COMMENT ON|GRANT|REVOKE|ALTER (?:VIEW|MATERIALIZED VIEW|INDEX))\b"
        r"|CREATE (?:UNIQUE )?INDEX\b"
    ),
}
_TRIGGER = _pattern(
    r"(?P<verb>CREATE (?P<replace>OR REPLACE )?(?P<constraint>CONSTRAINT )?|DROP )TRIGGER "
    r"(?P<guarded>IF EXISTS )?PART\b.*?\bON NAME"
)
_TRIGGER_RELATED = _pattern(r"(?:COMMENT ON TRIGGER|ALTER TABLE|DO)\b")
_POLICY = _pattern(r"CREATE POLICY PART ON NAME")


def defined_objects(
    kind: str, inside: tuple[str, ...], statements: list[Statement], where: str
) -> tuple[str, ...]:
    """Return what a file's statements define.

    Args:
        kind: The file's kind.
        inside: Its path below the kind's folder, e.g. ("ledger", "close_period.sql").
        statements: Its statements.
        where: Its name, for errors.

    Returns:
        For example ("function ledger.close_period",) or ("trigger touch on ledger.accounts",);
        () where the text does not tell.

    Raises:
        PgerpError: with `where:line`, for what such a file may not hold, and when it defines
            something else than its path says, or more, or nothing.
    """
    if kind in ("function", "view"):
        return _defined(kind, f"{inside[0]}.{inside[1].removesuffix('.sql')}", statements, where)
    if kind == "trigger":
        return _triggers(inside[1].removesuffix(".sql"), statements, where)
    if kind == "policy":
        found = (_POLICY.match(s.text) for s in statements)
        return tuple(f"policy {_fold(f['part'])} on {_fold(f['name'])}" for f in found if f)
    return ()


def _defined(kind: str, name: str, statements: list[Statement], where: str) -> tuple[str, ...]:
    defined: list[str] = []
    for statement in statements:
        place = f"{where}:{statement.line}"
        created = _CREATE[kind].match(statement.text)
        if created:
            if _fold(created["name"]) != name:
                raise PgerpError(
                    f"the file defines {_fold(created['name'])}, but its path says {name}",
                    where=place,
                    hint="Rename one of them, always with the schema: the path is the name.",
                )
            if kind == "function" and not created["replace"]:
                raise PgerpError(
                    f"{name} is created without OR REPLACE",
                    where=place,
                    hint="The file is applied again at each change: write CREATE OR REPLACE.",
                )
            if defined:
                raise PgerpError(
                    f"the file defines {name} twice",
                    where=place,
                    hint=f"It must hold exactly one CREATE of {name}.",
                )
            defined.append(f"{' '.join(created['what'].lower().split())} {name}")
        elif not (_ABOUT[kind].match(statement.text) and _mentions(statement.text, name)):
            raise PgerpError(
                f"the statement does not belong in the file of {name}",
                where=place,
                statement=shorten(statement.text),
                hint=f"Beside {name} the file may hold its comments, privileges, ALTER"
                + (" and indexes only." if kind == "view" else " only."),
            )
    if not defined:
        raise PgerpError(
            "the file defines nothing",
            where=f"{where}:{statements[0].line}",
            hint=f"It must hold the CREATE of {name}.",
        )
    kinds = {"procedure": "function", "aggregate": "function"}
    what = defined[0].removesuffix(f" {name}")
    return (f"{kinds.get(what, what)} {name}",)


def _triggers(table: str, statements: list[Statement], where: str) -> tuple[str, ...]:
    made: list[str] = []
    dropped: list[str] = []
    for statement in statements:
        place = f"{where}:{statement.line}"
        found = _TRIGGER.match(statement.text)
        if not found:
            if _TRIGGER_RELATED.match(statement.text):
                continue
            raise PgerpError(
                "the statement does not belong in a file of triggers",
                where=place,
                statement=shorten(statement.text),
                hint="The file may hold triggers, their comments, ALTER TABLE … TRIGGER and DO.",
            )
        name = f"trigger {_fold(found['part'])} on {_fold(found['name'])}"
        if _fold(found["name"]).rpartition(".")[2] != table:
            raise PgerpError(
                f"the file is about {table}, but this is a {name}",
                where=place,
                hint=f"Move it to the file of {_fold(found['name'])}.",
            )
        if found["verb"].upper().startswith("DROP"):
            dropped.append(name)
            if not found["guarded"]:
                raise PgerpError(
                    "DROP TRIGGER without IF EXISTS fails where the trigger is not there yet",
                    where=place,
                    hint="Write DROP TRIGGER IF EXISTS.",
                )
            continue
        if not found["replace"] and name not in dropped:
            raise PgerpError(
                f"{name} cannot be applied twice",
                where=place,
                hint="Write CREATE OR REPLACE TRIGGER, or DROP TRIGGER IF EXISTS before it.",
            )
        made.append(name)
    return tuple(dict.fromkeys(made))


def _fold(name: str) -> str:
    """Return a name as PostgreSQL stores it: quotes off, unquoted parts in lower case."""
    parts = re.findall(_PART, name)
    return ".".join(p[1:-1].replace('""', '"') if p[0] == '"' else p.lower() for p in parts)


def _mentions(text: str, name: str) -> bool:
    """Whether a statement names schema.name; by one pattern for all, since compiling is slow."""
    return any(_fold(found.group()) == name for found in _QUALIFIED.finditer(text))
