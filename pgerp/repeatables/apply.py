"""Applying repeatable files: one transaction, functions in two passes, views with dependents."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any

import psycopg

from pgerp.errors import PgerpError
from pgerp.repeatables import state
from pgerp.repeatables.drop import drop_with_dependents
from pgerp.repeatables.execute import Roles, run
from pgerp.repeatables.files import sort
from pgerp.repeatables.model import DEFINING, ApplyResult, Repeatable
from pgerp.repeatables.query import rows
from pgerp.repeatables.views import drop_changed, restore_privileges

_OVERLOADS = """
SELECT
    n.nspname || '.' || p.proname,
    string_agg(
        format('%%s(%%s)', p.oid::regproc, pg_get_function_identity_arguments(p.oid)),
        ' and ' ORDER BY p.oid
    )
FROM pg_proc AS p INNER JOIN pg_namespace AS n ON p.pronamespace = n.oid
WHERE n.nspname || '.' || p.proname = ANY(%s)
GROUP BY 1
HAVING count(*) > 1
"""


def apply(
    conn: psycopg.Connection[Any],
    repeatables: Sequence[Repeatable],
    *,
    migrated: bool = False,
    tolerate_missing: bool = False,
    on_step: Callable[[Repeatable], None] | None = None,
) -> ApplyResult:
    """Apply the files that are pending, and whatever has to be made again because of them.

    Functions come first, with their bodies unchecked since they may refer to things made later;
    once the views are there, each changed function is applied again with its body checked. Views
    that depend on a changed view are dropped and made again with it, with their privileges. Then
    come triggers, policies and privileges.

    Args:
        conn: A connection inside the caller's transaction, which the caller commits.
        repeatables: All files, as discover() returned them.
        migrated: Whether this run applied a migration.
        tolerate_missing: Leave out, instead of failing, the files that refer to what is not there
            (while migrations are undone or applied in part); they stay pending.
        on_step: Called with each file before it is applied.

    Returns:
        What was done.

    Raises:
        PgerpError: a file failed, with file:line and SQLSTATE; the transaction must be rolled back.
        ScriptError, psycopg.Error: a lock was not to be had, or the connection is lost.
    """
    return _Run(conn, repeatables, tolerate_missing, on_step).apply(migrated)


class _Run:
    """One call of apply()."""

    def __init__(
        self,
        conn: psycopg.Connection[Any],
        repeatables: Sequence[Repeatable],
        tolerant: bool,
        on_step: Callable[[Repeatable], None] | None,
    ) -> None:
        self.conn = conn
        self.all = repeatables
        self.tolerant = tolerant
        self.on_step = on_step
        self.roles = Roles(conn)
        self.applied: dict[str, Repeatable] = {}
        self.skipped: dict[str, str] = {}
        self.recreated: list[Repeatable] = []

    def apply(self, migrated: bool) -> ApplyResult:
        """Do it all."""
        state.forget(self.conn, self.all, migrated=migrated)
        due = state.pending(self.conn, self.all, migrated=migrated)
        if due:
            there = state.existing(self.conn, (name for r in self.all for name in r.objects))
            self.functions_and_views([r for r in due if r.kind in DEFINING])
            self.others({r.key for r in due}, there)
            self.roles.restore()
            self.conclude()
        again = {r.key for r in self.recreated} & self.applied.keys()
        return ApplyResult(
            applied=[r for key, r in self.applied.items() if key not in again],
            recreated=[r for r in self.recreated if r.key in again],
            skipped=self.skipped,
            removed=state.removed(self.conn, self.all),
        )

    def functions_and_views(self, due: Sequence[Repeatable]) -> None:
        """Apply functions and views in the order of their requirements; then check the bodies."""
        views = {r.name: r for r in self.all if r.kind == "view"}
        changed = [r for r in due if r.kind == "view"]
        dropped = drop_changed(self.conn, changed, views, self.roles)
        self.recreated = dropped.again
        ordered = sort([*due, *dropped.again], dropped.order)
        self.conn.execute("SET LOCAL check_function_bodies = off")
        for position, repeatable in enumerate(ordered, start=1):
            self.step(repeatable, [r.name for r in ordered[position:]])
        self.conn.execute("SET LOCAL check_function_bodies = on")
        functions = [r for r in ordered if r.kind == "function"]
        self.check_bodies(functions)
        self.refuse_overloads(functions)
        restore_privileges(self.conn, dropped.privileges, views, self.roles)

    def check_bodies(self, functions: Sequence[Repeatable]) -> None:
        """Apply functions again with their bodies checked; in tolerant mode drop broken ones."""
        while True:
            left = [r for r in functions if r.key in self.applied]
            broken = [r for r in left if not self.step(r)]
            if not broken:
                return
            for repeatable in drop_with_dependents(self.conn, broken, self.all):
                self.skipped.setdefault(repeatable.key, f"It depends on {broken[0].name}.")
                self.applied.pop(repeatable.key, None)

    def others(self, due: set[str], there: set[str]) -> None:
        """Apply what is due of triggers, policies and grants, and what new objects call for."""
        made = any(not there.issuperset(r.objects) for r in self.applied.values())
        triggers = [r for r in self.all if r.kind == "trigger"]
        found = state.existing(self.conn, (name for r in triggers for name in r.objects))
        for repeatable in self.all:
            if repeatable.kind in DEFINING:
                continue
            if (
                repeatable.key in due
                or (repeatable.kind == "grant" and made)
                or (repeatable.kind == "trigger" and not found.issuperset(repeatable.objects))
            ):
                self.step(repeatable)

    def step(self, repeatable: Repeatable, waiting: Sequence[str] = ()) -> bool:
        """Apply one file; return False if it was left out."""
        if self.on_step and repeatable.key not in self.applied:
            self.on_step(repeatable)
        self.roles.become(repeatable.project.owner)
        try:
            with self.conn.transaction() if self.tolerant else nullcontext():
                run(self.conn, repeatable, waiting)
        except PgerpError as error:
            if not (self.tolerant and _is_about_missing(error)):
                raise
            self.skipped[repeatable.key] = str(error)
            self.applied.pop(repeatable.key, None)
            return False
        self.applied[repeatable.key] = repeatable
        return True

    def refuse_overloads(self, functions: Sequence[Repeatable]) -> None:
        """Refuse two functions of one name: a changed signature makes a second one."""
        files = {r.name: r for r in functions}
        for name, both in rows(self.conn, _OVERLOADS, (list(files),)):
            raise PgerpError(
                f"there would be more than one function {name}",
                where=f"{files[name].where}:1",
                sqlstate="42723",
                detail=f"They are {both}; nothing was changed.",
                hint="A changed signature needs a migration that drops the old function with "
                f"DROP FUNCTION {name}(…).",
            )

    def conclude(self) -> None:
        """Make sure that the catalog has what the files say, and record them."""
        applied = list(self.applied.values())
        found = state.existing(self.conn, (name for r in applied for name in r.objects))
        for repeatable in applied:
            for name in repeatable.objects:
                if name not in found:
                    raise PgerpError(
                        f"the file was applied, but there is no {name}",
                        where=f"{repeatable.where}:1",
                        hint="Does a later statement of it, or another file, drop it?",
                    )
        left = state.leftovers(self.conn, state.recorded(self.conn), self.all)
        state.record(self.conn, applied, left)


def _is_about_missing(error: PgerpError) -> bool:
    """Whether SQL failed because it refers to what is not there, or is of another shape."""
    code = error.sqlstate or ""
    return code.startswith(("42", "3F")) and code != "42501"
