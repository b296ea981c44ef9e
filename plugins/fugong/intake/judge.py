"""One process judges the rows of two: importing Great Expectations takes seconds, and few files have a row that may fail a rule."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from typing_extensions import override

from fugong.core.errors import ConfigurationError
from fugong.validation.checked import Checked
from fugong.validation.suite import Suite

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class ToJudge:
    """A block that another process is asked about: table, rows, and the places of the rules that they are not known to pass."""

    table: str
    frame: pd.DataFrame
    only: Sequence[int] | None


@dataclass
class JudgedElsewhere(Suite):
    """A suite whose rules another process runs."""

    ask: Callable[[ToJudge], Checked | ConfigurationError] = field(kw_only=True)

    @classmethod
    def of(cls, suite: Suite, ask: Callable[[ToJudge], Checked | ConfigurationError]) -> JudgedElsewhere:
        """A suite with the same rules."""
        return cls(suite.name, suite.rules, suite.good, ask=ask)

    @override
    def check(self, frame: pd.DataFrame, only: Sequence[int] | None = None) -> Checked:
        """As the suite itself, by the other process."""
        wanted = {*self.columns, "row_number"}
        answer = self.ask(ToJudge(self.name, frame.loc[:, [name in wanted for name in frame.columns]], only))
        if isinstance(answer, ConfigurationError):
            raise answer
        return answer


def judged(suites: Mapping[str, Suite], asked: ToJudge) -> Checked | ConfigurationError:
    """The answer to another process."""
    try:
        return suites[asked.table].check(asked.frame, asked.only)
    except ConfigurationError as error:
        return error
