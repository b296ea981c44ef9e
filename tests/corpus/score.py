"""The score of a reader over the corpus, as a table: by category, and what went wrong in which file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tests.corpus.truth import Score, Truth


@dataclass
class Line:
    """Sums of one category."""

    files: int = 0
    right: int = 0
    rows: int = 0
    rows_right: int = 0
    rows_made_up: int = 0
    findings: int = 0
    findings_right: int = 0
    findings_made_up: int = 0
    silently_wrong: int = 0

    def add(self, score: Score) -> None:
        """Count one file."""
        self.files += 1
        self.right += score.is_right
        right, wrong, made_up = score.rows
        self.rows += right + wrong
        self.rows_right += right
        self.rows_made_up += made_up
        right, missing, made_up = score.findings
        self.findings += right + missing
        self.findings_right += right
        self.findings_made_up += made_up
        self.silently_wrong += score.silently_wrong


def table(scores: Mapping[str, tuple[Truth, Score]]) -> str:
    """The table as text."""
    lines: dict[str, Line] = {}
    for truth, score in scores.values():
        for name in (truth.category, "all"):
            lines.setdefault(name, Line()).add(score)
    ordered = [*sorted(lines.keys() - {"all"}), "all"]
    head = f"{'category':<10}{'files right':>14}{'rows right':>14}{'made up':>9}{'findings right':>16}{'made up':>9}{'silently wrong values':>23}"
    out = [head, "-" * len(head)]
    for name in ordered:
        line = lines[name]
        files, rows = f"{line.right}/{line.files}", f"{line.rows_right}/{line.rows}"
        found = f"{line.findings_right}/{line.findings}"
        out.append(
            f"{name:<10}{files:>14}{rows:>14}{line.rows_made_up:>9}{found:>16}{line.findings_made_up:>9}{line.silently_wrong:>23}"
        )
    return "\n".join(out)


def faults(scores: Mapping[str, tuple[Truth, Score]]) -> str:
    """What went wrong, file by file."""
    return "\n".join(
        f"{path}\n" + "".join(f"    {fault}\n" for fault in score.faults) for path, (_, score) in scores.items() if score.faults
    )
