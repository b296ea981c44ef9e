"""Policy parameters on a day: the values in force, the open ones, and those that change on the day."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from fugong.core.bilingual import Bilingual
from fugong.figures.definition import Definition, parameters_of
from fugong.figures.display import Value
from fugong.figures.moment import Moment
from fugong.figures.term import SETTING, Parameter
from fugong.marts.model import Mart, SqlFile, SqlFiles

LITERAL = re.compile(r"'([^']*)'")
OF_DISTRICT = Bilingual("区内设定", "Settings of the district")
"""What the policy `SETTING` is called."""
POLICY = re.compile(rf"P\d+|{SETTING}")


@dataclass(frozen=True)
class ParameterRow:
    """The row of `ref.policy_param` that is in force on a day.

    Attributes:
        value, number: the value as text, and as a number where it is one; both None while the parameter is open.
    """

    value: str | None
    number: Decimal | None
    unit: str | None
    valid_from: date | None
    valid_to: date | None
    size_class: str | None
    known_from: date
    clause: str | None


@dataclass(frozen=True)
class ParameterChange:
    """A row of `ref.policy_param` that begins or ceases on a day to be known or to be valid."""

    policy_id: str
    param: str
    clause: str | None
    value: str | None
    valid_from: date | None
    valid_to: date | None
    known_from: date
    known_to: date | None

    def text(self, day: date, name: Bilingual) -> Bilingual:
        """What happens to the parameter on the day.

        Args:
            name: what people call it (`Parameters.name`).
        """
        value = self.value or "–"
        if day in {self.known_from, self.valid_from}:
            zh, en = ("知悉", "known") if day == self.known_from else ("有效", "valid")
            return Bilingual(f"{name.zh}自当日起{zh}:{value}。", f"{name.en} is {en} from this day on: {value}.")
        return Bilingual(f"{name.zh}不再适用。", f"{name.en} does not hold any more.")


class Parameters:
    """The policy parameters in force on the day of a moment, by the decrees known at its end."""

    def __init__(self, moment: Moment) -> None:
        self._moment = moment

    def row(self, term: Parameter) -> ParameterRow | None:
        """The row in force; None where nothing was decreed yet."""
        for row in self._in_force.get((term.policy_id, term.param), ()):
            if None in {term.size_class, row.size_class} or term.size_class in str(row.size_class).split(";"):
                return row
        return None

    @cached_property
    def _in_force(self) -> Mapping[tuple[str, str], Sequence[ParameterRow]]:
        """The rows in force by policy and parameter, those that go before others first."""
        moment = self._moment
        rows = moment.connection.execute(
            """
            SELECT policy_id, param, value, value_number, unit, valid_from, valid_to, size_class, known_from, clause
            FROM ref.policy_param
            WHERE
                known_from <= %(known)s AND (known_to IS NULL OR known_to > %(known)s)
                AND (valid_from IS NULL OR valid_from <= %(day)s) AND (valid_to IS NULL OR valid_to >= %(day)s)
                AND counts_from <= %(moment)s AND (counts_to = 'infinity' OR counts_to > %(moment)s)
            ORDER BY known_from DESC, valid_from DESC NULLS LAST, size_class NULLS FIRST
            """,
            {"known": moment.policy_known_at, "moment": moment.known_at, "day": moment.as_of},
        ).fetchall()
        found: dict[tuple[str, str], list[ParameterRow]] = {}
        for policy_id, param, *row in rows:
            found.setdefault((policy_id, param), []).append(ParameterRow(*row))
        return found

    def value(self, term: Parameter) -> Value | None:
        """The value in force, or the days on which it is valid; None while the parameter is open or unknown."""
        row = self.row(term)
        if row is None:
            return None
        if term.is_range:
            return (row.valid_from, row.valid_to) if row.valid_from and row.valid_to else None
        if row.number is not None:
            return Decimal(row.number)
        return date.fromisoformat(row.value) if row.value and row.unit == "date" else row.value

    def is_open(self, term: Parameter) -> bool:
        """Whether a decree names the parameter and gives it no value."""
        return self._open_text(term) is not None

    def open_texts(self, definition: Definition) -> list[Bilingual]:
        """A sentence for each open parameter that the figure, or a figure that it is made of, needs."""
        needed = dict.fromkeys(parameters_of(self._moment.definitions, definition))
        return [text for term in needed if (text := self._open_text(term))]

    def _open_text(self, term: Parameter) -> Bilingual | None:
        row = self.row(term)
        if row is None or self.value(term) is not None:
            return None
        name = self.name(term.policy_id, term.param, row.clause)
        return Bilingual(f"{name.zh}尚未确定。", f"{name.en} is open.")

    def name(self, policy_id: str, param: str, clause: str | None) -> Bilingual:
        """What people call a parameter: by its policy, and in Chinese by the clause where there is one."""
        policy = self._policies.get(policy_id, Bilingual(policy_id, policy_id))
        return Bilingual(f"“{policy.zh}”的参数“{clause or param}”", f'Parameter {param} of "{policy.en}"')

    @cached_property
    def _policies(self) -> Mapping[str, Bilingual]:
        rows = self._moment.connection.execute("SELECT policy_id, name_zh, name_en FROM ref.policy").fetchall()
        return {SETTING: OF_DISTRICT} | {policy: Bilingual(zh, en) for policy, zh, en in rows}

    @cached_property
    def changes(self) -> tuple[ParameterChange, ...]:
        """The parameters that begin or cease on the day to be known or to be valid."""
        rows = self._moment.connection.execute(
            """
            SELECT policy_id, param, clause, value, valid_from, valid_to, known_from, known_to
            FROM ref.policy_param
            WHERE
                %(day)s IN (known_from, known_to, valid_from, valid_to + 1)
                AND counts_from <= %(moment)s AND (counts_to = 'infinity' OR counts_to > %(moment)s)
            ORDER BY policy_id, param
            """,
            {"day": self._moment.as_of, "moment": self._moment.known_at},
        ).fetchall()
        return tuple(ParameterChange(*row) for row in rows)


def concerns(files: SqlFiles, mart: Mart, change: ParameterChange) -> bool:
    """Whether the mart's SELECT, or a fact below it, reads the parameter: it names the policy or the parameter as a literal."""
    read = files.read_by(mart)
    if read.isdisjoint({"ref.policy_param", "ref.param_version"}):
        return False
    return any(_names(file, change) for file in (mart, *(files.fact(name) for name in read if name.startswith("fact."))))


def _names(file: SqlFile, change: ParameterChange) -> bool:
    literals = set(LITERAL.findall(file.bare))
    if any(change.param.startswith(text.removesuffix("%")) for text in literals if text.endswith(".%")):
        return True
    policies = {text for text in literals if POLICY.fullmatch(text)}
    return change.param in literals and (change.policy_id in policies or not policies - {SETTING})
