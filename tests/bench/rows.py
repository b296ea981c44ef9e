"""What a measurement found, beside what is wanted, as a table in either language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tests.bench.measure import Cost

HEADS = {
    "en": ("measured", "found", "CPU: client + server", "wanted", ""),
    "zh": ("测量", "结果", "处理器时间：客户端 + 服务器", "目标", ""),
}
VERDICTS = {"en": {True: "met", False: "**missed**", None: ""}, "zh": {True: "达到", False: "**未达到**", None: ""}}


@dataclass(frozen=True)
class Row:
    """One line of a table.

    Attributes:
        what: what was measured.
        chinese: the same in Chinese.
        value: what was found.
        unit: of the value, with its blank.
        cost: the seconds that it took, where these tell more than the value.
        least: the value that is wanted at least.
        most: the value that is wanted at most.
    """

    what: str
    chinese: str
    value: float
    unit: str = " s"
    cost: Cost | None = None
    least: float | None = None
    most: float | None = None

    @classmethod
    def of_cost(cls, what: str, chinese: str, cost: Cost, most: float | None = None) -> Row:
        """The clock, with the processor time beside it."""
        return cls(what, chinese, cost.wall, cost=cost, most=most)

    @property
    def is_met(self) -> bool | None:
        """Whether the value is within its bounds; None without bounds."""
        if self.least is None and self.most is None:
            return None
        return (self.least is None or self.value >= self.least) and (self.most is None or self.value <= self.most)

    @property
    def wanted(self) -> str:
        """The bounds."""
        if self.least is not None and self.most is not None:
            return f"{self.least:g} to {self.most:g}{self.unit}"
        if self.most is not None:
            return f"≤ {self.most:g}{self.unit}"
        return "" if self.least is None else f"≥ {self.least:,.0f}{self.unit}"

    def cells(self, lang: str, *, is_judged: bool) -> list[str]:
        """The line's cells; whether the bounds are met is said only where it is judged."""
        cpu = f"{self.cost.client:.1f} + {self.cost.server:.1f} s" if self.cost else ""
        what = {"en": self.what, "zh": self.chinese}[lang]
        return [what, f"{shown(self.value)}{self.unit}", cpu, self.wanted, VERDICTS[lang][self.is_met if is_judged else None]]


def shown(value: float) -> str:
    """A number with as many digits as mean something."""
    return f"{value:.2f}" if value < 10 else f"{value:.1f}" if value < 100 else f"{value:,.0f}"


def line(cells: Sequence[str]) -> str:
    """Cells as a line of Markdown."""
    return f"| {' | '.join(cells)} |"


def table(rows: Sequence[Row], lang: str, *, is_judged: bool = True) -> str:
    """All lines below their head."""
    return "\n".join(
        [line(HEADS[lang]), line(["---"] * len(HEADS[lang])), *(line(row.cells(lang, is_judged=is_judged)) for row in rows)]
    )
