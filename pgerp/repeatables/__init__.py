"""Repeatable files: functions, views, triggers, policies and grants.

`functions/<module>/<name>.sql` and `views/<module>/<name>.sql` define `<module>.<name>` and
nothing else; `sql/triggers/<module>/<table>.sql`, `sql/policies/` and `sql/grants/` hold the rest.
A file is applied when it changed or when what it defines is not in the catalog; grants, too, when
somebody granted or revoked by hand.
"""

from pgerp.repeatables.apply import apply
from pgerp.repeatables.drop import drop_all
from pgerp.repeatables.files import discover
from pgerp.repeatables.model import ApplyResult, Removed, Repeatable
from pgerp.repeatables.privileges import changed as regranted
from pgerp.repeatables.privileges import digests, kept
from pgerp.repeatables.state import pending, removed

__all__ = [
    "ApplyResult",
    "Removed",
    "Repeatable",
    "apply",
    "digests",
    "discover",
    "drop_all",
    "kept",
    "pending",
    "regranted",
    "removed",
]
