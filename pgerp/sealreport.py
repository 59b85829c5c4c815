"""What the verification of seals found, as data."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

SHOWN = 100
"""How many offenders are kept of each tenant."""


@dataclass(frozen=True)
class Offender:
    """Something that is not as it was sealed.

    Attributes:
        kind: "changed", "deleted", "inserted", "duplicated", "out of order" (what is sealed);
            "altered", "missing" (seals and their records); "file" (the file itself).
        text: The whole of it, as a clause.
        id: The entry, or the row of the log, if it is one.
        seal_no: The seal.
    """

    kind: str
    text: str
    id: str | None = None
    seal_no: int | None = None


@dataclass(frozen=True)
class Taken:
    """Something that was taken out of the audit log, on record: no offence, but to be told.

    Attributes:
        what: "redaction" or "removal".
        at: When.
        by: Who.
        text: What, and why.
    """

    what: str
    at: str
    by: str
    text: str


@dataclass
class TenantResult:
    """What was found in a tenant's books.

    Attributes:
        name: The tenant.
        seals: How many seals there are.
        leaves: How many entries, or rows of the log, they cover.
        count: How many offenders were found.
        offenders: The first SHOWN of them.
        taken: What was taken out of the log on record, the last SHOWN, oldest first.
    """

    name: str
    seals: int = 0
    leaves: int = 0
    count: int = 0
    offenders: list[Offender] = field(default_factory=list)
    taken: list[Taken] = field(default_factory=list)
    _seen: set[tuple[str, str]] = field(default_factory=set)

    def add(
        self, kind: str, text: str, *, id: str | None = None, seal_no: int | None = None
    ) -> None:
        """Note an offender; an entry or row only once."""
        if id is not None:
            if (kind, id) in self._seen:
                return
            if len(self._seen) < SHOWN:
                self._seen.add((kind, id))
        self.count += 1
        if len(self.offenders) < SHOWN:
            self.offenders.append(Offender(kind, text, id, seal_no))

    def has(self, kind: str, id: str) -> bool:
        """Whether something was noted as such an offender, among the first of them."""
        return (kind, id) in self._seen


@dataclass
class SealsReport:
    """What was found in all tenants' books.

    Attributes:
        noun: What the seals cover, in the plural.
        id_column: What the id of one is called.
        tenants: What was found of each.
        file: The file that they were compared with.
        reason: Why they could not be looked at.
    """

    noun: str = "entries"
    id_column: str = "entry_id"
    tenants: list[TenantResult] = field(default_factory=list)
    file: Path | None = None
    reason: str | None = None

    @property
    def healthy(self) -> bool:
        """Whether everything could be looked at, and is as it was sealed."""
        return self.reason is None and not any(tenant.count for tenant in self.tenants)

    def as_json(self) -> dict[str, Any]:
        """Return the key `seals` or `audit_seals` of `verify --json`."""
        return {
            "state": "not checked" if self.reason else "ok" if self.healthy else "offenders",
            "reason": self.reason,
            "file": str(self.file) if self.file else None,
            "tenants": [self._tenant_json(tenant) for tenant in self.tenants],
        }

    def _tenant_json(self, tenant: TenantResult) -> dict[str, Any]:
        return {
            "tenant": tenant.name,
            "seals": tenant.seals,
            self.noun.split()[0]: tenant.leaves,
            "offenders": tenant.count,
            "first": [
                {
                    "kind": one.kind,
                    self.id_column: one.id,
                    "seal_no": one.seal_no,
                    "text": one.text,
                }
                for one in tenant.offenders
            ],
            "taken": [asdict(one) for one in tenant.taken],
        }
