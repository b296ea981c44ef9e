"""The check character of unified social credit codes (统一社会信用代码, GB 32100-2015).

Two packages need it: `contracts.uscc` checks whole columns, `privacy.detect` single texts.
"""

from __future__ import annotations

LENGTH = 18
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""31 symbols; I, O, Z, S and V never occur."""
WEIGHTS = tuple(pow(3, i, 31) for i in range(LENGTH - 1))


def check_character(code: str) -> str:
    """The 18th character that the first 17 call for.

    Raises:
        ValueError: fewer than 17 characters, or one outside the alphabet.
    """
    if len(code) < len(WEIGHTS):
        raise ValueError(f"17 characters wanted, found {len(code)}: {code!r}")
    total = sum(ALPHABET.index(symbol) * weight for symbol, weight in zip(code, WEIGHTS, strict=False))
    return ALPHABET[-total % 31]
