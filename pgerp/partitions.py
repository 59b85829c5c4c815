"""Partitions that the files do not make, such as next year's: are they like their siblings?

Maintenance makes, moves and drops partitions, so one that only a database has is no drift. What
it consists of is compared with a partition of the same table that the files make; where they make
none, with the partitioned table itself, as far as that passes its shape on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from pgerp.catalog import Difference, diff, parents

PARTITION = "partition of "
_TABLE = "table "
_OWN = ("comment on table ", "comment on column ")
_INHERITED = ("constraint ", "index ", "comment on constraint ", "comment on index ")


def deviations(
    name: str, expected: Mapping[str, str], actual: Mapping[str, str]
) -> list[Difference]:
    """Compare a partition that only a database has with what its shape should be.

    Args:
        name: The partition, e.g. "ledger.journal_lines_2029".
        expected: The snapshot that the files make; without it.
        actual: The database's snapshot.

    Returns:
        What of it is missing, extra or changed; the definitions that are expected are those of the
        sibling, under the partition's name. [] also when the files do not make the parent.
    """
    table = actual[_TABLE + name]
    parent = _parent(table)
    models = [key for key, text in expected.items() if _parent(text) == parent]
    # The default partition is the last choice.
    models.sort(key=lambda key: ("DEFAULT" in expected[key].split("\n", 1)[0], key))
    if models:
        model = models[0].removeprefix(_TABLE)
        wanted = {
            _renamed(key, model, name): _renamed(text, model, name)
            for key, text in members(expected, model).items()
        }
    elif _TABLE + parent in expected:
        wanted = _passed_on(expected, parent, name)
    else:
        return []
    present = members(actual, name)
    if not models:
        present = {key: text for key, text in present.items() if not key.startswith(_OWN)}
        key = f"privileges on table {name}"
        if _lines(present.get(key)) <= _lines(wanted.get(key)):
            wanted.pop(key, None)
            present.pop(key, None)
    # Bounds, and what a comment says of them, differ.
    wanted[_TABLE + name] = "\n".join(
        [table.split("\n", 1)[0], *wanted[_TABLE + name].split("\n")[1:]]
    )
    comment = f"comment on table {name}"
    if comment in wanted and comment in present:
        wanted[comment] = present[comment]
    return diff(wanted, present)


def members(snapshot: Mapping[str, str], name: str) -> dict[str, str]:
    """Return what a snapshot tells of one table: itself, its columns, triggers, privileges, …."""
    return {key: text for key, text in snapshot.items() if _belongs(key, _TABLE + name)}


def _belongs(key: str, table: str) -> bool:
    return key == table or any(_belongs(parent, table) for parent in parents(key))


def _parent(definition: str) -> str:
    """Return the partitioned table that a definition names; "" for what is no partition."""
    first = definition.split("\n", 1)[0]
    if not first.startswith(PARTITION):
        return ""
    return re.split(r" (?:FOR VALUES|DEFAULT)\b", first.removeprefix(PARTITION))[0]


def _passed_on(expected: Mapping[str, str], parent: str, name: str) -> dict[str, str]:
    """Return what a partition has of a table without partitions in the files."""
    texts = {
        key: text
        for key, text in members(expected, parent).items()
        if not key.startswith((*_OWN, *_INHERITED)) and (not _is_row_trigger(key, expected))
    }
    return {
        _renamed(key, parent, name): _renamed(text, parent, name) for key, text in texts.items()
    }


def _is_row_trigger(key: str, expected: Mapping[str, str]) -> bool:
    """Whether this is a trigger, or its comment, that partitions get from their parent."""
    trigger = key.removeprefix("comment on ")
    return trigger.startswith("trigger ") and "FOR EACH ROW" in expected.get(trigger, "")


def _renamed(text: str, old: str, new: str) -> str:
    return re.sub(rf"(?<![\w.$\"]){re.escape(old)}(?![\w$\"])", lambda _: new, text)


def _lines(text: str | None) -> set[str]:
    return set(_each((text or "").splitlines()))


def _each(grants: Iterable[str]) -> Iterable[str]:
    """Yield "grantee: privilege" for each privilege of "grantee: privilege, privilege"."""
    for grant in grants:
        grantee, _, privileges = grant.rpartition(": ")
        yield from (f"{grantee}: {privilege}" for privilege in privileges.split(", "))
