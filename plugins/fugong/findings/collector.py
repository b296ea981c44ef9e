"""Collects the findings of one file, and the rows that are returned with their reasons. Memory stays bounded."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any

from fugong.core.vocabulary import Severity
from fugong.findings.catalogue import finding
from fugong.findings.finding import Finding
from fugong.findings.shadow import Shadow

MAX_FAULTY_ROWS = 100_000
"""Rows returned one by one; beyond it the whole file is returned."""
MAX_KEPT_FINDINGS = 1_000
"""Findings kept per code and column; the rest are counted."""
TAKEN_AS_EMPTY = ("unreadable-optional", "taken-as-empty")
"""Codes of cells that were loaded as empty."""


class TooManyFaults(Exception):
    """Raised when more rows are faulty than a clerk can correct one by one: the whole file is returned."""


class NotInOnePass(Exception):
    """Raised when the file cannot be loaded in one pass: a decision needs all rows first."""


@dataclass
class FindingCollector:
    """The findings of one file, bounded however bad the file is.

    Attributes:
        rows: (sheet, line) of each row set aside → its reasons.
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
        """Record a finding. A finding that sets its row aside also becomes a reason of that row.

        Args:
            header: the header as sent, for the reason.

        Raises:
            TooManyFaults: more than `MAX_FAULTY_ROWS` rows are faulty.
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

    def find(self, code: str, sheet: str, row_number: int, column_name: str) -> Finding | None:
        """The finding of a code about a cell, if it is kept."""
        wanted = (code, sheet, row_number, column_name)
        return next((one for one in self.findings if (one.code, one.sheet, one.row_number, one.column_name) == wanted), None)

    def withdraw(self, code: str, sheet: str, row_number: int, column_name: str) -> None:
        """Take a finding back that sets no row aside: another one says the same."""
        found = self.find(code, sheet, row_number, column_name)
        if found is not None:
            self.findings = [one for one in self.findings if one is not found]
            self._kept[(sheet, code, column_name)] -= found.n_same

    def replace(self, told: Finding, instead: Finding) -> None:
        """Say something else about the same cell: another sentence, the same code and severity."""
        self.findings = [instead if one is told else one for one in self.findings]
        for reason in self.rows.get((told.sheet, told.row_number or 0), ()):
            if (reason["code"], reason["column"], reason["message_zh"]) == (told.code, told.column_name, told.message_zh):
                reason |= {"message_zh": instead.message_zh, "message_en": instead.message_en}

    def room(self, sheet: str, code: str, column_name: str | None) -> int:
        """How many more findings of a code and column the collector keeps."""
        return max(0, MAX_KEPT_FINDINGS - self._kept[(sheet, code, column_name)])

    def count(self, sheet: str, code: str, column_name: str | None, n: int) -> None:
        """Count `n` more findings of a code and column without keeping them."""
        if n > 0:
            self._more[(sheet, code, column_name)] = self._more.get((sheet, code, column_name), 0) + n

    def reasons(self, sheet: str, line: int) -> list[dict[str, Any]]:
        """Why a row is returned: first what set it aside, then its other unreadable cells."""
        unreadable = self._unreadable.get((sheet, line), {})
        readable = [reason for reason in self.rows[sheet, line] if reason["column"] not in unreadable]
        return [*readable, *(_reason(item, header) for item, header in unreadable.values())]

    def all_findings(self) -> list[Finding]:
        """The findings kept. The last one of each code and column stands for those that were only counted.

        For rows that are returned, "taken as empty" findings are dropped and the unreadable cell is reported instead; such a cell
        is never reported as missing, too.
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
            out.append(replace(item, n_same=item.n_same + more) if more else item)
        return out[::-1]


def _reason(item: Finding, header: str | None) -> dict[str, Any]:
    return {
        "column": item.column_name,
        "header": header,
        "code": item.code,
        "message_zh": item.message_zh,
        "message_en": item.message_en,
        **({"proposed": item.proposed} if item.proposed is not None else {}),
        **({"is_doubtful": True} if item.is_doubtful else {}),
    }
