"""Remedies for misspelt names."""

from __future__ import annotations

from collections.abc import Iterable


def suggest(name: str, among: Iterable[str], otherwise: str) -> str:
    """Return "Did you mean …?" with the nearest of some names; `otherwise` when none is near.

    Args:
        name: What was given.
        among: What could have been meant.
        otherwise: The remedy without a near name.
    """
    import difflib

    near = difflib.get_close_matches(name, list(among), n=1, cutoff=0.6)
    return f"Did you mean {near[0]}?" if near else otherwise
