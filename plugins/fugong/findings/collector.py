"""What was found wrong in one file: findings, and the lines that go back with their reasons."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from fugong.findings.catalogue import finding
from fugong.findings.finding import Finding, Severity
from fugong.findings.shadow import Shadow

MAX_FAULTY_ROWS = 100_000
MAX_KEPT_FINDINGS = 1_000
"""Findings kept per code and column; the rest are counted."""
TAKEN_AS_EMPTY = ("unreadable-optional", "taken-as-empty")


class TooManyFaults(Exception):
    """More rows are faulty than a clerk could mend one by one: the whole file goes back."""


class NotInOnePass(Exception):
    """All lines have to be typed before the first of them can be loaded."""


@dataclass
class FindingCollector:
    """What was found wrong in one file, bounded however bad the file is.

    Attributes:
        rows: (sheet, line) of rows set aside → their reasons.
        shadow: what the rules in shadow found.
    """

    findings: list[Finding] = field(default_factory=list[Finding])
    rows: dict[tuple[str, int], list[dict[str, Any]]] = field(default_factory=dict[tuple[str, int], list[dict[str, Any]]])
    shadow: Shadow = field(default_factory=Shadow)
    _kept: Counter[tuple[str, str, str | None]] = field(default_factory=Counter[tuple[str, str, str | None]])
    _more: dict[tuple[str, str, str | None], int] = field(default_factory=dict[tuple[str, str, str | None], int])
    _unreadable: dict[tuple[str, int], dict[str | None, tuple[Finding, str | None]]] = field(
        default_factory=dict[tuple[str, int], dict[str | None, tuple[Finding, str | None]]]
    )

    def add(self, item: Finding, header: str | None = None) -> None:
        """Record a finding; one that sets its row aside also becomes a reason of that row.

        Raises:
            TooManyFaults: the file has more faulty rows than go back one by one.
        """
        if item.severity == Severity.SET_ASIDE and item.row_number is not None:
            self.rows.setdefault((item.sheet, item.row_number), []).append(_reason(item, header))
            if len(self.rows) > MAX_FAULTY_ROWS:
                raise TooManyFaults
        key = (item.sheet, item.code, item.column_name)
        self._kept[key] += item.n_same
        if self._kept[key] <= MAX_KEPT_FINDINGS:
            self.findings.append(item)
            if item.code == "unreadable-optional" and item.row_number is not None:
                instead = finding(
                    "unreadable-cell",
                    sheet=item.sheet,
                    row_number=item.row_number,
                    cell=item.cell,
                    column_name=item.column_name,
                    header=header,
                    value=item.value,
                )
                self._unreadable.setdefault((item.sheet, item.row_number), {})[item.column_name] = instead, header
        else:
            self._more[key] = self._more.get(key, 0) + item.n_same

    def room(self, sheet: str, code: str, column_name: str | None) -> int:
        """How many more findings of a code and column are kept."""
        return max(0, MAX_KEPT_FINDINGS - self._kept[(sheet, code, column_name)])

    def count(self, sheet: str, code: str, column_name: str | None, n: int) -> None:
        """Count findings that are like those kept."""
        if n > 0:
            self._more[(sheet, code, column_name)] = self._more.get((sheet, code, column_name), 0) + n

    def reasons(self, sheet: str, line: int) -> list[dict[str, Any]]:
        """Why a row goes back: what set it aside, then which of its other cells cannot be read either."""
        unreadable = self._unreadable.get((sheet, line), {})
        readable = [reason for reason in self.rows[sheet, line] if reason["column"] not in unreadable]
        return [*readable, *(_reason(item, header) for item, header in unreadable.values())]

    def all_findings(self) -> list[Finding]:
        """The findings kept; the last of each code and column stands for those that were not.

        Of a row that goes back nothing is said to have been taken as empty: what cannot be read in it has to be mended, too. Nor is
        anything else said of such a cell, least of all that it is missing.
        """
        left = dict(self._more)
        out: list[Finding] = []
        for item in reversed(self.findings):
            if item.row_number is not None and (item.sheet, item.row_number) in self.rows:
                unreadable = self._unreadable.get((item.sheet, item.row_number), {}).get(item.column_name)
                if unreadable is not None and item.code == "unreadable-optional":
                    out.append(unreadable[0])
                if unreadable is not None or item.code in TAKEN_AS_EMPTY:
                    continue
            more = left.pop((item.sheet, item.code, item.column_name), 0)
            out.append(
                item
                if not more
                else Finding(
                    item.code,
                    item.severity,
                    item.message_zh,
                    item.message_en,
                    item.sheet,
                    item.row_number,
                    item.cell,
                    item.column_name,
                    item.value,
                    item.n_same + more,
                )
            )
        return out[::-1]


def _reason(item: Finding, header: str | None) -> dict[str, Any]:
    return {
        "column": item.column_name,
        "header": header,
        "code": item.code,
        "message_zh": item.message_zh,
        "message_en": item.message_en,
    }
