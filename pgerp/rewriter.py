"""The sensitive values of one row, made anew under the active keys."""

from __future__ import annotations

from collections.abc import Sequence

from pgerp.encryption import Keyring
from pgerp.errors import PgerpError
from pgerp.normalise import KINDS, NotOfThisKind
from pgerp.sensitive import Table


class Rewriter:
    """Makes the values of a table's rows anew.

    Args:
        keyring: The keys, the old ones among them.
        table: Whose rows.
    """

    def __init__(self, keyring: Keyring, table: Table) -> None:
        self._keyring = keyring
        self._table = table
        self._kinds: dict[str, str] = {}

    def rewritten(self, row: Sequence[str | None]) -> list[str | None]:
        """Return the values of a row under the active keys.

        Args:
            row: Its values, in the order of the table's columns.

        Raises:
            PgerpError: A value cannot be decrypted, or a hash is not its value's.
        """
        values = dict(zip(self._table.columns, row, strict=True))
        new = dict(values)
        for column, beside in self._table.pairs.items():
            value, hashed = values[column], values[beside] if beside else None
            if value is not None:
                new[column] = self._keyring.rotate(value)
            if beside and hashed is not None and self._keyring.needs_rotation(hashed):
                if value is None:
                    raise PgerpError("a hash without a value", where=beside)
                new[beside] = self._rehashed(column, self._keyring.decrypt(value), hashed)
        return [new[column] for column in self._table.columns]

    def _rehashed(self, column: str, text: str, hashed: str) -> str:
        """Return the active key's hash; its kind is the one of which the old hash is right."""
        likely = self._kinds.get(column)
        for kind in sorted(KINDS, key=lambda each: each != likely):
            try:
                if self._keyring.matches(text, kind, hashed):
                    self._kinds[column] = kind
                    return self._keyring.hash(text, kind)
            except NotOfThisKind:
                continue
        raise PgerpError(
            "the hash is that of another value, or of a phone number of another --country",
            where=column,
        )
