"""The measures of the Pollock benchmark, written from their definitions (Vitagliano et al., VLDB 2023, section 3.4).

For one file: was it loaded at all (success), and precision, recall and F1 of the header's cells, of the records and of all cells,
as multisets. A record is its cells joined. Precision is the share of the truth that was loaded, recall the share of what was
loaded that is true. Header cells and records are compared normalised: numbers, money, dates and times by value, text in lower case.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache

Rows = Sequence[Sequence[str]]

NAMES = (
    "success",
    "header precision",
    "header recall",
    "header F1",
    "record precision",
    "record recall",
    "record F1",
    "cell precision",
    "cell recall",
    "cell F1",
)
FAILED = (0.0,) * len(NAMES)
_MOMENTS = ("%Y-%m-%d", "%Y/%m/%d", "%m/%d/%Y", "%d/%m/%Y", "%d.%m.%Y", "%Y-%m-%d %H:%M:%S", "%H:%M", "%H:%M:%S")
_MONEY = re.compile(r"([$€£¥])\s*([\d,]+(?:\.\d*)?)")


@lru_cache(1 << 18)
def normalised(cell: str) -> str:
    """Write a cell in one way per value; a day that may be read twice has its month first."""
    text = cell.strip()
    try:
        return repr(float(text))
    except ValueError:
        pass
    if money := _MONEY.fullmatch(text):
        return money[1] + repr(float(money[2].replace(",", "")))
    if text[:1].isdigit():
        for pattern in _MOMENTS:
            try:
                return str(datetime.strptime(text, pattern))  # noqa: DTZ007 (compared, never placed in time)
            except ValueError:
                continue
    return cell.lower()


def precision_recall_f1(truth: Sequence[str], loaded: Sequence[str]) -> tuple[float, float, float]:
    """Compare two multisets; nothing to load is loaded rightly by anything."""
    if not truth:
        return 1.0, 1.0, 1.0
    common = (Counter(truth) & Counter(loaded)).total()
    if not common:
        return 0.0, 0.0, 0.0
    precision, recall = common / len(truth), common / len(loaded)
    return precision, recall, 2 * precision * recall / (precision + recall)


def measures(truth: Rows, loaded: Rows) -> tuple[float, ...]:
    """The ten measures of one file that was loaded, in the order of `NAMES`."""
    if not truth:
        return (1.0,) * len(NAMES)
    header = [normalised(cell) for cell in loaded[0]] if loaded else []
    return (
        1.0,
        *precision_recall_f1([normalised(cell) for cell in truth[0]], header),
        *precision_recall_f1(_records(truth), _records(loaded)),
        *precision_recall_f1([cell for row in truth for cell in row], [cell for row in loaded for cell in row]),
    )


def _records(rows: Rows) -> list[str]:
    return ["".join(map(normalised, row)) for row in rows[1:]]


def simple_score(files: Mapping[str, Sequence[float]]) -> float:
    """Sum of the measures, averaged over files: 0–10."""
    return math.fsum(map(math.fsum, files.values())) / len(files)


def weighted_score(files: Mapping[str, Sequence[float]], weights: Mapping[str, float]) -> float:
    """The same, each file weighted by how often its pollution was found in real files."""
    total = math.fsum(weights[name] for name in files)
    return math.fsum(weights[name] * math.fsum(found) for name, found in files.items()) / total
