"""Units in which official texts print amounts and large counts."""

from __future__ import annotations

from collections.abc import Mapping

UNITS: Mapping[str, int] = {"元": 1, "万": 10_000, "万元": 10_000, "亿元": 100_000_000}
