"""What is left of wholes whose parts analysts see, too."""

from __future__ import annotations

from fugong.marts.model import Mart


def difference(whole: str, part: str) -> str:
    """The name of the amount that is left when a part is taken from a whole."""
    return f"{whole} - {part}"


def differences(mart: Mart) -> dict[str, tuple[str, str]]:
    """What is left of wholes whose parts are shown, too: name → whole and part, as the relations of the head say."""
    found: dict[str, tuple[str, str]] = {}
    for relation in mart.relations:
        wholes = [column for column, factor in relation.terms.items() if factor == -1]
        parts = [column for column, factor in relation.terms.items() if factor == 1]
        if not relation.is_equal and not relation.where and len(wholes) == len(parts) == 1:
            found[difference(wholes[0], parts[0])] = (wholes[0], parts[0])
    return found
