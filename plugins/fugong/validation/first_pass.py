"""The first pass: which rules of a suite a block is known to pass, without Great Expectations, whose import takes seconds.

Great Expectations stays the judge of everything that is told: a rule that is not known to pass is left to it, and so is a rule of a type,
with an argument or a part that is not understood here. Rules are read by `localisation`, and by nobody else. That both agree is proved
over random rows (`python -m tests.prove first-pass`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from typing_extensions import override

from fugong.contracts.contract import Table
from fugong.parsing.typed import typed_schema
from fugong.validation.frame import FileDays, is_number
from fugong.validation.localisation.amounts import EPOCH, Rows, UnreadableCondition, Values
from fugong.validation.localisation.conditions import (
    All,
    Condition,
    HasLength,
    IsText,
    Matches,
    MonthOrder,
    Not,
    Same,
    SameText,
    Some,
    Truth,
)
from fugong.validation.localisation.constraints import Constraint, kinds_of, read_rule
from fugong.validation.localisation.parse_condition import Kind
from fugong.validation.suite import Suite

TEXTS, PLACES, LENGTHS = "texts of {}", "places of {}", "lengths of {}"
"""Names of what is kept of a column of texts: its distinct texts with None as the last, for each row the place of its text there, and its length."""


@dataclass(frozen=True)
class FirstPass:
    """The rules of a suite, compiled to be evaluated over columns of Arrow.

    Attributes:
        compiled: the rules that are understood.
        unread: place of every other rule in the suite → why it is left to Great Expectations.
        kinds: what each column holds.
    """

    compiled: tuple[Constraint, ...]
    unread: Mapping[int, str]
    kinds: Mapping[str, Kind]

    @classmethod
    def of(cls, suite: Suite, table: Table) -> FirstPass:
        """Compile the rules of a table's suite."""
        kinds = kinds_of(table)
        types = typed_schema(table)
        odd = {name for name in types.names if not _suits(kinds[name], types.field(name).type)}
        compiled: list[Constraint] = []
        unread: dict[int, str] = {}
        for number, rule in enumerate(suite.rules):
            if odd.intersection(rule.columns):
                unread[number] = f"{', '.join(sorted(odd.intersection(rule.columns)))}: another type than the contract says"
                continue
            try:
                one = read_rule(number, rule, kinds)
                compiled.append(replace(one, condition=_over_columns(one.condition)))
            except UnreadableCondition as error:
                unread[number] = str(error)
        return cls(tuple(compiled), unread, kinds)

    def unproven(self, blocks: Sequence[pa.RecordBatch], days: FileDays) -> list[int]:
        """The places of the rules that these rows are not known to pass."""
        table = pa.Table.from_batches(blocks)
        if not table.num_rows:
            return []
        rows = self._rows(table, days)
        with np.errstate(all="ignore"):
            failing = {one.number for one in self.compiled if not np.all(one.holds(rows))}
        return sorted(failing.union(self.unread))

    @cached_property
    def _read(self) -> tuple[str, ...]:
        """The columns that compiled rules read."""
        return tuple(dict.fromkeys(name for one in self.compiled for name in one.read))

    @cached_property
    def _measured(self) -> frozenset[str]:
        """The columns of which compiled rules read how long texts are."""
        return frozenset(name for one in self.compiled for name in _lengths_in(one.condition))

    @cached_property
    def _distinct(self) -> frozenset[str]:
        """The columns whose texts compiled rules read: of others only whether there is one."""
        return frozenset(name for one in self.compiled for name in _texts_in(one.condition))

    def _rows(self, table: pa.Table, days: FileDays) -> dict[str, Values]:
        given = {"report_date": days.report_date, "arrival_date": days.arrival_date}
        rows: dict[str, Values] = {"row_number": _numbers(table.column("row_number"))}
        for name in self._read:
            if name in given:
                rows[name] = np.full(table.num_rows, float((given[name] - EPOCH).days))
            elif self.kinds[name] is Kind.TEXT:
                rows |= _of_texts(name, table.column(name), has_texts=name in self._distinct)
                if name in self._measured:
                    rows[LENGTHS.format(name)] = _numbers(pc.utf8_length(table.column(name)))
            elif name not in rows:
                rows[name] = _numbers(table.column(name))
        return rows


def _suits(kind: Kind, type_: pa.DataType) -> bool:
    match kind:
        case Kind.NUMBER:
            return is_number(type_)
        case Kind.DAY:
            return pa.types.is_date32(type_)
        case Kind.BOOLEAN:
            return pa.types.is_boolean(type_)
        case Kind.TEXT:
            return pa.types.is_string(type_)


def _numbers(values: pa.ChunkedArray) -> Values:
    """Numbers, days and booleans as float64, NaN where missing; numbers by the same cast as in the frame of Great Expectations."""
    if pa.types.is_date32(values.type):
        values = pc.cast(values, pa.int32())
    elif pa.types.is_boolean(values.type):
        values = pc.cast(values, pa.uint8())
    return pc.cast(values, pa.float64()).to_numpy()


def _of_texts(name: str, values: pa.ChunkedArray, *, has_texts: bool) -> dict[str, Values]:
    """A column of texts: NaN where one is missing, else 0; and where rules read them, each distinct text once."""
    rows: dict[str, Values] = {name: np.where(pc.is_null(values).to_numpy(), np.nan, 0.0)}
    if has_texts:
        encoded = values.combine_chunks().dictionary_encode()
        rows[TEXTS.format(name)] = np.array([*encoded.dictionary.to_pylist(), None], dtype=object)
        rows[PLACES.format(name)] = encoded.indices.fill_null(len(encoded.dictionary)).to_numpy()
    return rows


@dataclass(frozen=True)
class OfDistinct(Condition):
    """A condition of the text in one column, asked once for each distinct text."""

    column: str
    condition: Condition

    @override
    def truth(self, rows: Rows) -> Truth:
        found = self.condition.truth({self.column: rows[TEXTS.format(self.column)]})
        return Truth(found.holds[rows[PLACES.format(self.column)]])


@dataclass(frozen=True)
class OfLengths(Condition):
    """A condition of how many characters the text in one column has. Arrow counts them, as Python does, without looking for distinct texts."""

    column: str
    condition: HasLength

    @override
    def truth(self, rows: Rows) -> Truth:
        return self.condition.of_lengths(rows[LENGTHS.format(self.column)])


@dataclass(frozen=True)
class OfTexts(Condition):
    """A condition of the texts in several columns, or of a text and a day."""

    columns: tuple[str, ...]
    condition: Condition

    @override
    def truth(self, rows: Rows) -> Truth:
        texts = {name: rows[TEXTS.format(name)][rows[PLACES.format(name)]] for name in self.columns}
        return self.condition.truth({**rows, **texts})


@dataclass(frozen=True)
class MatchesByArrow(Condition):
    """A text matches a regular expression as RE2 reads it. pandas asks RE2 or Python, by the expression: only what both match passes."""

    column: str
    regex: str

    @override
    def truth(self, rows: Rows) -> Truth:
        found = pc.match_substring_regex(pa.array(rows[self.column], pa.string()), self.regex)
        return Truth(found.fill_null(True).to_numpy(zero_copy_only=False))


def _over_columns(condition: Condition) -> Condition:
    """The same condition, its texts read from distinct ones."""
    match condition:
        case IsText(column=column):
            return OfDistinct(column, condition)
        case HasLength(column=column):
            return OfLengths(column, condition)
        case Matches(column=column, regex=regex):
            try:
                pc.match_substring_regex(pa.array([""]), regex.pattern)
            except pa.ArrowInvalid as error:
                raise UnreadableCondition(str(error)) from error
            return OfDistinct(column, All((condition, MatchesByArrow(column, regex.pattern))))
        case SameText(left=left, right=right):
            return OfTexts((left, right), condition)
        case MonthOrder(column=column):
            return OfTexts((column,), condition)
        case Not(condition=inner):
            return Not(_over_columns(inner))
        case All(conditions=inner):
            return All(tuple(map(_over_columns, inner)))
        case Some(conditions=inner):
            return Some(tuple(map(_over_columns, inner)))
        case Same(left=left, right=right, kind=kind):
            return Same(_over_columns(left), _over_columns(right), kind)
        case _:
            return condition


def _texts_in(condition: Condition) -> set[str]:
    """The columns whose texts a compiled condition reads."""
    own: set[str] = set()
    match condition:
        case OfDistinct(column=column):
            own = {column}
        case OfTexts(columns=columns):
            own = set(columns)
        case _:
            pass
    return own.union(*map(_texts_in, condition.inner))


def _lengths_in(condition: Condition) -> set[str]:
    """The columns of which a compiled condition reads how long texts are."""
    own = {condition.column} if isinstance(condition, OfLengths) else set[str]()
    return own.union(*map(_lengths_in, condition.inner))
