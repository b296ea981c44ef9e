"""Rules in shadow mode: they are evaluated and counted, but no sender reads about them and they set no row aside.

A contract puts a rule in shadow by its code (`shadow: [missing-value]` among a column's customProperties), a suite by
`"meta": {"shadow": true}`. Their results never mix with the findings, so that no code that reports or counts findings can
pick them up.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from fugong.core.vocabulary import Severity

EXAMPLES = 3
"""Cells that a count keeps as examples."""


class ShadowKey(NamedTuple):
    """One rule in shadow, for one table of a file."""

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
        severity: what the rule would have done in force.
        n: rows that break the rule; 1 for a rule that would have rejected the file.
        n_only_cause: how many of these rows no rule in force sets aside.
        examples: the first `EXAMPLES`.
        fault: why the rule cannot be evaluated. A rule in shadow does not stop the file.
    """

    severity: Severity
    n: int = 0
    n_only_cause: int = 0
    examples: list[Example] = field(default_factory=list[Example])
    fault: str | None = None


@dataclass
class Shadow:
    """What the rules in shadow found in one file."""

    counts: dict[ShadowKey, ShadowCount] = field(default_factory=dict[ShadowKey, ShadowCount])

    def add(self, key: ShadowKey, severity: Severity, n: int, n_only_cause: int, examples: Iterable[Example]) -> None:
        """Count `n` more rows. Consumes only as many `examples` as are still needed."""
        count = self.counts.setdefault(key, ShadowCount(severity))
        count.n += n
        count.n_only_cause += n_only_cause
        if len(count.examples) < EXAMPLES:
            count.examples += [example for example, _ in zip(examples, range(EXAMPLES - len(count.examples)), strict=False)]

    def fail(self, key: ShadowKey, severity: Severity, fault: str) -> None:
        """Record that a rule cannot be evaluated."""
        self.counts.setdefault(key, ShadowCount(severity)).fault = fault
