"""What the verification of seals found, as data."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SHOWN = 100
"""How many offenders are kept of each tenant."""


@dataclass(frozen=True)
class Offender:
    """Something that is not as it was sealed.

    Attributes:
        kind: "changed", "deleted", "inserted", "duplicated", "out of order" (entries); "altered",
            "missing" (seals and their records); "file" (the file itself).
        text: The whole of it, as a clause.
        entry_id: The entry, if it is one.
        seal_no: The seal.
    """

    kind: str
    text: str
    entry_id: str | None = None
    seal_no: int | None = None


@dataclass
class TenantResult:
    """What was found in a tenant's books.

    Attributes:
        name: The tenant.
        seals: How many seals there are.
        entries: How many entries they cover.
        count: How many offenders were found.
        offenders: The first SHOWN of them.
    """

    name: str
    seals: int = 0
    entries: int = 0
    count: int = 0
    offenders: list[Offender] = field(default_factory=list)
    _seen: set[tuple[str, str]] = field(default_factory=set)

    def add(
        self, kind: str, text: str, *, entry_id: str | None = None, seal_no: int | None = None
    ) -> None:
        """Note an offender; an entry only once."""
        if entry_id is not None:
            if (kind, entry_id) in self._seen:
                return
            if len(self._seen) < SHOWN:
                self._seen.add((kind, entry_id))
        self.count += 1
        if len(self.offenders) < SHOWN:
            self.offenders.append(Offender(kind, text, entry_id, seal_no))

    def has(self, kind: str, entry_id: str) -> bool:
        """Whether an entry was noted as such an offender, among the first of them."""
        return (kind, entry_id) in self._seen


@dataclass
class SealsReport:
    """What was found in all tenants' books; `reason`: why they could not be looked at."""

    tenants: list[TenantResult] = field(default_factory=list)
    file: Path | None = None
    reason: str | None = None

    @property
    def healthy(self) -> bool:
        """Whether everything could be looked at, and is as it was sealed."""
        return self.reason is None and not any(tenant.count for tenant in self.tenants)

    def as_json(self) -> dict[str, Any]:
        """Return the key `seals` of `verify --json`."""
        return {
            "state": "not checked" if self.reason else "ok" if self.healthy else "offenders",
            "reason": self.reason,
            "file": str(self.file) if self.file else None,
            "tenants": [
                {
                    "tenant": tenant.name,
                    "seals": tenant.seals,
                    "entries": tenant.entries,
                    "offenders": tenant.count,
                    "first": [
                        {
                            "kind": one.kind,
                            "entry_id": one.entry_id,
                            "seal_no": one.seal_no,
                            "text": one.text,
                        }
                        for one in tenant.offenders
                    ],
                }
                for tenant in self.tenants
            ],
        }
