"""Rules in shadow: evaluated and counted, never told to a sender, never a reason to set a row aside.

A rule of a contract is put in shadow by its code (`shadow: [missing-value]` among a column's customProperties), one of a
suite by `"meta": {"shadow": true}`. What they find is kept apart from the findings from the first moment on, so that nothing
which tells or counts those can take it up.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from fugong.findings.finding import Severity

EXAMPLES = 3


class ShadowKey(NamedTuple):
    """One rule in shadow, in one table of a file."""

    table: str
    column: str
    code: str


class Example(NamedTuple):
    """A cell that a rule in shadow found, as typed."""

    sheet: str
    row_number: int | None
    cell: str | None
    value: str | None


@dataclass
class ShadowCount:
    """What one rule in shadow found in one file.

    Attributes:
        severity: what it would have done.
        n: rows found; of a rule that would have rejected the file, 1.
        n_alone: of these, rows that no rule in force sets aside.
        examples: the first three.
        fault: why the rule cannot be evaluated. It is in shadow, so it keeps no file waiting.
    """

    severity: Severity
    n: int = 0
    n_alone: int = 0
    examples: list[Example] = field(default_factory=list[Example])
    fault: str | None = None


@dataclass
class Shadow:
    """What the rules in shadow found in one file."""

    counts: dict[ShadowKey, ShadowCount] = field(default_factory=dict[ShadowKey, ShadowCount])

    def add(self, key: ShadowKey, severity: Severity, n: int, n_alone: int, examples: Iterable[Example]) -> None:
        """Count `n` more rows; of `examples` only as many as are wanted are drawn."""
        count = self.counts.setdefault(key, ShadowCount(severity))
        count.n += n
        count.n_alone += n_alone
        if len(count.examples) < EXAMPLES:
            count.examples += [example for example, _ in zip(examples, range(EXAMPLES - len(count.examples)), strict=False)]

    def fail(self, key: ShadowKey, severity: Severity, fault: str) -> None:
        """Note that a rule cannot be evaluated."""
        self.counts.setdefault(key, ShadowCount(severity)).fault = fault
